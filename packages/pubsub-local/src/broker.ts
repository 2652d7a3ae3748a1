import { type Clock, systemClock } from './clock';
import { MessageBroker } from './delivery';
import { type BrokerError } from './errors';
import { type BrokerLogger } from './logger';
import { createServer, listen, shutDown } from './service';
import {
  BrokerStore,
  DiskWatch,
  compactStore,
  prepareDirectory,
} from './store';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_MIN_FREE_BYTES = 256 * 2 ** 20;
const SHUT_DOWN_GRACE_MS = 5_000;

/** @public */
export interface BrokerOptions {
  /** Directory of the broker alone; made where it does not exist. */
  dataDir: string;
  /** Address to listen on. There is no authentication: keep it local.
   * @defaultValue `127.0.0.1` */
  host?: string;
  /** 0 lets the system choose. */
  port: number;
  logger: BrokerLogger;
  /** Publishing is refused while the disk has less than this to spare.
   * @defaultValue 256 MiB */
  minFreeBytes?: number;
  /**
   * Called once when a commit failed. The broker serves nothing more; whoever
   * runs it must end the process and start a new one.
   * @defaultValue logs and ends the process with code 1
   */
  onFatal?: (error: BrokerError) => void;
  /** @internal */
  clock?: Clock;
}

/** @public */
export interface RunningBroker {
  port: number;
  /** Ends streams with UNAVAILABLE, lets calls finish, closes the store. */
  stop(): Promise<void>;
}

/**
 * Starts a broker that speaks `google.pubsub.v1`.
 *
 * @throws BrokerError when the directory or the address cannot be used
 * @public
 */
export async function startBroker(
  options: BrokerOptions,
): Promise<RunningBroker> {
  const { dataDir, logger, host = DEFAULT_HOST, port } = options;
  const clock = options.clock ?? systemClock;
  prepareDirectory(dataDir);
  const disk = new DiskWatch({
    directory: dataDir,
    clock,
    minFreeBytes: options.minFreeBytes ?? DEFAULT_MIN_FREE_BYTES,
  });
  let store: BrokerStore | undefined;
  try {
    // First of all: on a full disk the store opens only in what the reserve held.
    await disk.start();
    await compactStore({ dataDir, logger });
    const opened = BrokerStore.open({
      dataDir,
      clock,
      onFatal: options.onFatal ?? (error => endProcess(error, logger)),
    });
    store = opened;
    const broker = await MessageBroker.start({
      store: opened,
      clock,
      logger,
      disk,
    });
    const server = createServer({ broker, clock, logger });
    const boundPort = await listen(server, { host, port });
    logger.info('The broker is ready', { host, port: boundPort });
    return {
      port: boundPort,
      async stop() {
        broker.stop();
        await shutDown(server, SHUT_DOWN_GRACE_MS);
        disk.stop();
        await opened.close();
      },
    };
  } catch (error) {
    disk.stop();
    await store?.close();
    throw error;
  }
}

function endProcess(error: BrokerError, logger: BrokerLogger): void {
  logger.error(error.message, { code: error.code });
  process.exit(1);
}
