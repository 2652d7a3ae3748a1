import fs from 'node:fs/promises';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { UsageError } from '../errors';
import { isAlive } from './processes';

const MARKER = 'millrace.json';
const LOCK = 'up.pid';

/** The data directory of one installation, locked by this process. */
export interface DataDir {
  path: string;
  secrets: Secrets;
  release(): Promise<void>;
}

/** Made once, kept in a file only this user may read. */
export interface Secrets {
  databasePassword: string;
}

/**
 * Opens the data directory, making it when it is not there.
 *
 * Only a directory that carries our marker is ever deleted by `reset`, so a
 * mistyped `--data-dir` cannot destroy anything else.
 *
 * @throws UsageError `data_dir_in_use`, `data_dir_not_ours` or `data_dir_unreadable`
 */
export async function openDataDir(
  dir: string,
  { reset }: { reset: boolean },
): Promise<DataDir> {
  try {
    await requireOurs(dir);
    await requireUnlocked(dir);
    if (reset) {
      await fs.rm(dir, { recursive: true, force: true });
    }
    await fs.mkdir(dir, { recursive: true });
    const marker = path.join(dir, MARKER);
    if (!(await exists(marker))) {
      await fs.writeFile(marker, `${JSON.stringify({ format: 1 })}\n`);
    }
    await fs.writeFile(path.join(dir, LOCK), `${process.pid}\n`);
    const secrets = await readOrMakeSecrets(path.join(dir, 'secrets.json'));
    return {
      path: dir,
      secrets,
      release: () => fs.rm(path.join(dir, LOCK), { force: true }),
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      'data_dir_unreadable',
      `The data directory ${dir} cannot be used: ${(error as Error).message}`,
      'Make it readable and writable for this user, or choose another one with --data-dir.',
    );
  }
}

async function requireOurs(dir: string): Promise<void> {
  const entries: string[] = await fs.readdir(dir).catch(() => []);
  const known = entries.filter(name => !name.startsWith('smoke-'));
  if (known.length > 0 && !entries.includes(MARKER)) {
    throw new UsageError(
      'data_dir_not_ours',
      `${dir} holds files that are not Millrace's.`,
      'Choose an empty or new directory with --data-dir.',
    );
  }
}

async function requireUnlocked(dir: string): Promise<void> {
  const pid = Number(
    await fs.readFile(path.join(dir, LOCK), 'utf8').catch(() => ''),
  );
  if (pid && pid !== process.pid && (await isAlive(pid, 'millrace'))) {
    throw new UsageError(
      'data_dir_in_use',
      `Another Millrace (process ${pid}) is running on ${dir}.`,
      'Stop it first, or start this one with another --data-dir and --port.',
    );
  }
}

async function readOrMakeSecrets(file: string): Promise<Secrets> {
  if (await exists(file)) {
    return JSON.parse(await fs.readFile(file, 'utf8'));
  }
  const secrets: Secrets = {
    databasePassword: randomBytes(24).toString('base64url'),
  };
  await fs.writeFile(file, `${JSON.stringify(secrets, undefined, 2)}\n`, {
    mode: 0o600,
  });
  return secrets;
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}
