import path from 'node:path';
import { nodeFlags } from '../roles/nodeFlags';
import { UsageError } from '../errors';
import { Child } from './children';
import { writeRuntimeConfig } from './config';
import { connectDatabase, Database, startEmbeddedDatabase } from './database';
import { openDataDir } from './dataDir';
import { requireDisk, whatToDo } from './disk';
import { startDemo } from './demo';
import type { UpOptions } from './options';
import { requireFreePorts } from './ports';
import { startPortal, waitForPortal } from './portal';
import { createPortalApi, PortalApi } from './portalApi';
import { progress } from './progress';

const STOP_LIMIT_MS = 45_000;

/** A running Millrace on this machine. */
export interface Installation {
  url: string;
  api: PortalApi;
  demo?: Child;
  /** Resolves with the name of a part that ended by itself. */
  failed: Promise<string>;
  /** Ends every process, in the order that loses nothing. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts database, portal (which starts broker, gateway and worker) and demo.
 * Whatever was started is ended again when a later part fails, or when
 * `signal` aborts in the middle.
 *
 * Stop order: demo (it sends), portal (its backend drains gateway, worker and
 * broker), database last.
 *
 * @throws UsageError of the part that failed
 */
export async function startInstallation(
  options: UpOptions,
  signal: AbortSignal,
): Promise<Installation> {
  const logs = path.join(options.dataDir, 'logs');
  const log = (name: string) => path.join(logs, `${name}.log`);
  const cli = [
    process.execPath,
    ...nodeFlags(),
    path.join(options.root, 'packages/runtime/bin/millrace'),
  ];
  const started: { stop(): Promise<void> }[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      for (const part of started.reverse()) await part.stop();
    })();
    return stopping;
  };
  const keep = (child: Child) => {
    started.push({ stop: () => child.stop(STOP_LIMIT_MS) });
    return child;
  };

  try {
    const dataDir = await openDataDir(options.dataDir, options);
    started.push({ stop: () => dataDir.release() });
    await requireDisk(options.dataDir);
    await requireFreePorts(portsInUse(options));

    const database = await progress('Starting the database', () =>
      startDatabase(options, dataDir.secrets.databasePassword, cli, log),
    );
    const { child: databaseChild } = database;
    if (databaseChild) keep(databaseChild);
    signal.throwIfAborted();

    const config = await writeRuntimeConfig(options, database, cli);
    const url = `http://localhost:${options.ports.portal}`;
    const api = createPortalApi(url, 'user:default/platform');
    const portal = keep(startPortal(options, config, log('portal')));
    await progress('Starting the portal, broker, gateway and worker', () =>
      Promise.race([
        waitForPortal(portal, api, options),
        aborted(signal),
        ...(databaseChild ? [databaseEnded(databaseChild, options)] : []),
      ]),
    );
    const demo = options.demo
      ? keep(startDemo(options, log('demo')))
      : undefined;

    return {
      url,
      api,
      demo,
      failed: Promise.race([
        portal.exited.then(() => 'portal'),
        ...(databaseChild ? [databaseChild.exited.then(() => 'database')] : []),
      ]),
      stop,
    };
  } catch (error) {
    // The portal finishes its start before it stops, which takes a while.
    await (signal.aborted ? progress('Stopping; state is kept', stop) : stop());
    throw error;
  }
}

async function startDatabase(
  options: UpOptions,
  password: string,
  cli: string[],
  log: (name: string) => string,
): Promise<Database> {
  if (options.databaseUrl) return connectDatabase(options.databaseUrl);
  return startEmbeddedDatabase({
    command: cli,
    dir: path.join(options.dataDir, 'postgres'),
    port: options.ports.database,
    password,
    logFile: log('database'),
  });
}

/** A Postgres of one's own listens elsewhere. */
function portsInUse({ ports, databaseUrl }: UpOptions) {
  const { database, ...others } = ports;
  return databaseUrl ? others : ports;
}

/** Without it the portal would wait for a database that is gone. */
async function databaseEnded(child: Child, { dataDir }: UpOptions) {
  await child.exited;
  throw new UsageError(
    'database_failed',
    'The database ended by itself.',
    await whatToDo(dataDir, path.join(dataDir, 'logs', 'database.log')),
  );
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), {
      once: true,
    });
  });
}
