import path from 'node:path';
import fs from 'node:fs/promises';
import { parseBucketDuration } from '@millrace/schema';
import { UsageError } from '../errors';

/** What `millrace up` was asked to do. */
export interface UpOptions {
  /** The folder of the project, holding app-config.yaml and packages/. */
  root: string;
  /** Absolute path of the data directory. */
  dataDir: string;
  ports: Ports;
  /** Length of a bucket as an ISO 8601 duration. */
  bucket: string;
  demo: boolean;
  reset: boolean;
  smoke: boolean;
  /** When the person pressed enter, to tell how long it took to be ready. */
  startedAt: Date;
  /** Absolute paths of more settings, each over the ones before. */
  configFiles: string[];
  /** Use this Postgres instead of the embedded one. */
  databaseUrl?: string;
}

/** The four neighbouring ports of one installation, all on loopback. */
export interface Ports {
  portal: number;
  gateway: number;
  broker: number;
  database: number;
}

interface Flags {
  port: string;
  dataDir: string;
  bucket?: string;
  config?: string[];
  demo: boolean;
  reset?: boolean;
  smoke?: boolean;
}

/**
 * Reads the flags of `millrace up`.
 *
 * @throws UsageError `invalid_option` naming the flag and the right form
 */
export async function parseUpOptions(
  flags: Flags,
  env: NodeJS.ProcessEnv = process.env,
): Promise<UpOptions> {
  const root = env.MILLRACE_ROOT ?? process.cwd();
  const port = Number(flags.port);
  if (!Number.isInteger(port) || port < 1024 || port > 65532) {
    throw new UsageError(
      'invalid_option',
      `--port is '${flags.port}'.`,
      'Give a number from 1024 to 65532; the three ports after it are used too.',
    );
  }
  const smoke = flags.smoke ?? false;
  if (smoke && !flags.demo) {
    throw new UsageError(
      'invalid_option',
      '--smoke checks the demo, so it cannot run with --no-demo.',
      'Leave one of the two away.',
    );
  }
  const bucket = flags.bucket ?? (flags.demo ? 'PT1M' : 'PT1H');
  try {
    parseBucketDuration(bucket);
  } catch (error) {
    throw new UsageError(
      'invalid_option',
      `--bucket is '${bucket}': ${(error as Error).message}`,
      'Give an ISO 8601 duration that divides an hour evenly, such as PT1H, PT10M or PT1M.',
    );
  }
  const configFiles = (flags.config ?? []).map(file =>
    path.resolve(root, file),
  );
  await requireReadable(configFiles);
  const base = path.resolve(root, flags.dataDir);
  // A check must start from nothing and leave the real state alone.
  const dataDir = smoke ? await freshDirectory(base) : base;
  return {
    root,
    dataDir,
    ports: {
      portal: port,
      gateway: port + 1,
      broker: port + 2,
      database: port + 3,
    },
    bucket,
    demo: flags.demo,
    reset: flags.reset ?? false,
    smoke,
    startedAt: env.MILLRACE_STARTED_AT
      ? new Date(Number(env.MILLRACE_STARTED_AT))
      : new Date(),
    configFiles,
    databaseUrl: env.MILLRACE_DATABASE_URL,
  };
}

async function requireReadable(files: string[]): Promise<void> {
  for (const file of files) {
    try {
      await fs.access(file, fs.constants.R_OK);
    } catch (error) {
      throw new UsageError(
        'invalid_option',
        `--config names ${file}, which cannot be read: ${
          (error as Error).message
        }`,
        'Give the path of a YAML file; a relative one begins at the folder of the project.',
      );
    }
  }
}

async function freshDirectory(base: string): Promise<string> {
  try {
    await fs.mkdir(base, { recursive: true });
    const dir = await fs.mkdtemp(path.join(base, 'smoke-'));
    // Under root the database runs as another user, who has to get in.
    await fs.chmod(dir, 0o755);
    return dir;
  } catch (error) {
    throw new UsageError(
      'data_dir_unreadable',
      `The data directory ${base} cannot be used: ${(error as Error).message}`,
      'Make it readable and writable for this user, or choose another one with --data-dir.',
    );
  }
}
