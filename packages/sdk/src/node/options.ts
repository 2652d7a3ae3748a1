import { resolve } from 'node:path';
import {
  Disk,
  FileQueueOptions as FileQueueSettings,
  nodeDisk,
  nodeProcessProbe,
  ProcessProbe,
} from '../fileQueue';
import {
  CommonProducerOptions,
  integer,
  invalid,
  MIB,
  systemClock,
  text,
} from '../options';
import { Clock } from '../types';

/**
 * A queue in files. What it has taken survives the end of the process in any
 * way, and of the machine.
 *
 * @public
 */
export interface FileQueueOptions {
  /**
   * Directory of this queue, on a local disk; created if need be. One process
   * at a time uses it: give each process a directory of its own.
   */
  dir: string;
  /**
   * Bytes on disk. Default 256 MiB. Decides how long an outage is bridged: an
   * event takes its JSON and 28 bytes.
   */
  maxBytes?: number;
  /**
   * How long to wait for another process that still holds the directory, such
   * as the one this process replaces. Default 5,000.
   */
  lockWaitMs?: number;
}

/**
 * When the process ends.
 *
 * @public
 */
export interface FlushOnExitOptions {
  /** Signals after which to flush. Default SIGTERM and SIGINT. */
  signals?: readonly NodeJS.Signals[];
  /** How long the end may be delayed. Default 5,000. */
  timeoutMs?: number;
}

/** @public */
export interface ProducerOptions extends CommonProducerOptions {
  /**
   * Where events wait. Default `memory`: it needs nothing, and what has no
   * verdict is lost with the process. With a directory events are durable; that
   * is not the default because no directory can be chosen that is surely
   * writable, lasting and nobody else's.
   */
  queue?: 'memory' | FileQueueOptions;
  /**
   * Flush when the process ends by itself or by a signal, and let it end.
   * Default false: the process belongs to the application, which calls `close`.
   * With true, waiting events do not keep the process running by themselves.
   */
  flushOnExit?: boolean | FlushOnExitOptions;
}

/** What tests put in the place of the machine. */
export interface NodeParts {
  disk?: Disk;
  probe?: ProcessProbe;
}

const DEFAULT_MAX_BYTES = 256 * MIB;
const MIN_MAX_BYTES = 64 * 1024;
const DEFAULT_LOCK_WAIT_MS = 5_000;
export const FILE_QUEUE_DEFAULTS = {
  whenFull: 'drop_oldest',
  maxBufferedBytes: 16 * MIB,
} as const;

/** Its timers do not keep the process running. */
const backgroundClock: Clock = {
  now: systemClock.now,
  schedule: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The clock of a producer that must not keep the process running. */
export function backgroundClockOf(options: ProducerOptions): Clock {
  return options.clock ?? backgroundClock;
}

/** @throws ProducerError with code `invalid_option` */
export function resolveFileQueue(
  queue: FileQueueOptions,
): Pick<FileQueueSettings, 'directory' | 'maxBytes' | 'lockWaitMs'> {
  if (typeof queue !== 'object' || queue === null) {
    throw invalid('queue', "'memory' or an object with 'dir'");
  }
  return {
    directory: resolve(text('queue.dir', queue.dir)),
    maxBytes: integer(
      'queue.maxBytes',
      queue.maxBytes,
      DEFAULT_MAX_BYTES,
      MIN_MAX_BYTES,
    ),
    lockWaitMs: integer(
      'queue.lockWaitMs',
      queue.lockWaitMs,
      DEFAULT_LOCK_WAIT_MS,
      0,
    ),
  };
}

export const defaultParts: Required<NodeParts> = {
  disk: nodeDisk,
  probe: nodeProcessProbe,
};
