import { Knex } from 'knex';

/** @public */
export interface ListenOptions {
  /**
   * Called when somebody has notified, and whenever that may have been missed:
   * after every connecting. It is a hint; look what there is.
   */
  onChange: () => void;
  /** How often the connection is tried. Default 5,000. */
  pingMs?: number;
  /** Without an answer for so long, the connection is given up. Default 3,000. */
  timeoutMs?: number;
  /** Default: chance. A number from 0 to 1 that spreads reconnections. */
  random?: () => number;
}

/** @public */
export interface Listener {
  /** Whether a connection is there that answered lately. */
  isListening(): boolean;
  /** Closes the connection. */
  stop(): Promise<void>;
}

/** The part of a connection of the driver that is used here. */
interface Connection {
  on(event: 'notification' | 'end' | 'error', listener: () => void): void;
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Listens on a channel of the database, on a connection of its own beside the
 * pool.
 *
 * A connection that is lost, or silently dead, is noticed by a question that is
 * not answered in time, and opened again with growing pauses. Nothing here may
 * be relied upon alone: a connection through some poolers hears nothing. Whoever
 * listens also asks the ledger now and then.
 */
export function listenOn(
  db: Knex,
  /** A constant of ours: it becomes part of a statement. */
  channel: string,
  options: ListenOptions,
): Listener {
  const { onChange, pingMs = 5_000, timeoutMs = 3_000 } = options;
  const random = options.random ?? Math.random;
  const stopping = new AbortController();
  let isListening = false;
  let failures = 0;

  /** One that comes too late is closed: nobody waits for it any more. */
  async function open(): Promise<Connection> {
    const opening: Promise<Connection> = db.client.acquireRawConnection();
    try {
      return await within(timeoutMs, opening);
    } catch (error) {
      opening.then(late => late.end()).catch(() => {});
      throw error;
    }
  }

  async function listen(): Promise<void> {
    const connection = await open();
    const ended = new AbortController();
    const end = () => ended.abort();
    connection.on('end', end);
    connection.on('error', end);
    connection.on('notification', onChange);
    // It may have been stopped while the connection was opened.
    const over = AbortSignal.any([ended.signal, stopping.signal]);
    try {
      await within(timeoutMs, connection.query(`LISTEN ${channel}`));
      while (!over.aborted) {
        if (!isListening) {
          isListening = true;
          failures = 0;
          onChange();
        }
        await pause(pingMs, over);
        if (!over.aborted) {
          await within(timeoutMs, connection.query('SELECT 1'));
        }
      }
    } finally {
      isListening = false;
      // With a question open, the driver closes the socket at once.
      await within(timeoutMs, connection.end()).catch(() => {});
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await listen().catch(() => {});
      failures += 1;
      const longest = Math.min(
        LONGEST_PAUSE_MS,
        FIRST_PAUSE_MS * 2 ** Math.min(failures, 16),
      );
      await pause(longest * (0.5 + random() / 2), stopping.signal);
    }
  }

  const running = run();
  return {
    isListening: () => isListening,
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`No answer in ${limitMs} ms`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    function end() {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
