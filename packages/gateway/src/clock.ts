/**
 * Time, as the gateway sees it.
 *
 * @public
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some instant, which no correction of the time moves. */
  steadyMs(): number;
  /** Calls back once after `delayMs`; the result cancels it. */
  schedule(callback: () => void, delayMs: number): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  steadyMs: () => performance.now(),
  schedule: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** What events are stamped with. */
export interface ReceiveClock extends Clock {
  /**
   * Tells it what time the ledger has.
   *
   * @param ledgerNow - in milliseconds since 1970
   * @param tookMs - how long the answer took; it is as uncertain as that
   */
  compare(ledgerNow: number, tookMs: number): void;
  /** By how much it was ahead of the ledger when it last was told, in ms. */
  readonly aheadMs: number;
}

/** So far the system's time may be from what is expected and is believed. */
const BELIEVED_MS = 5_000;
/** And so much further for each millisecond that nobody has confirmed it. */
const DRIFT = 0.000_5;
/** An answer that took longer says too little. */
const MAX_UNCERTAINTY_MS = 1_000;

/**
 * A clock that never goes back, and does not jump because the system's does.
 *
 * A bucket is declared once its end has passed on this clock, so no later event
 * may be stamped into it, whatever a correction of the system's time does. And
 * one that jumped years ahead would declare tens of thousands of buckets and
 * stamp events into years to come.
 *
 * So it follows the system's time only as long as that moves like time. When it
 * jumps or stands still, this clock goes on as if it had not, until the ledger,
 * the one clock that all share, says what is right: twice in a row, or at once as
 * long as nothing has been stamped. Then it goes by the ledger's time, forward at
 * least; where it was ahead, it stands still until it is right.
 */
export function createReceiveClock(clock: Clock): ReceiveClock {
  /** What is added to the steady clock, and since when that is known. */
  let anchor = offsetNow();
  /** What the ledger says should be added, while the two disagree. */
  let doubted: number | undefined;
  let last = -Infinity;
  let aheadMs = 0;

  function offsetNow() {
    const at = clock.steadyMs();
    return { offset: clock.now() - at, at };
  }

  function read(): { at: number; offset: number } {
    const own = offsetNow();
    const believed = BELIEVED_MS + (own.at - anchor.at) * DRIFT;
    return Math.abs(own.offset - anchor.offset) <= believed
      ? own
      : { at: own.at, offset: anchor.offset };
  }

  return {
    now: () => {
      const { at, offset } = read();
      last = Math.max(last, Math.round(at + offset));
      return last;
    },
    compare(ledgerNow, tookMs) {
      if (tookMs > MAX_UNCERTAINTY_MS) {
        return;
      }
      const { at, offset } = read();
      const rightNow = ledgerNow + tookMs / 2;
      const byLedger = rightNow - at;
      if (isNear(byLedger, offset)) {
        anchor = { at, offset };
        doubted = undefined;
      } else if (last === -Infinity || isNear(byLedger, doubted)) {
        anchor = { at, offset: byLedger };
        doubted = undefined;
      } else {
        doubted = byLedger;
      }
      aheadMs = Math.max(0, Math.max(last, at + read().offset) - rightNow);
    },
    get aheadMs() {
      return aheadMs;
    },
    steadyMs: () => clock.steadyMs(),
    schedule: (callback, delayMs) => clock.schedule(callback, delayMs),
  };
}

function isNear(one: number, other: number | undefined): boolean {
  return other !== undefined && Math.abs(one - other) <= BELIEVED_MS;
}

/**
 * Waits for a promise, but not for ever. What it stands for is not stopped,
 * only no longer waited for.
 */
export async function withTimeout<T>(
  clock: Clock,
  timeoutMs: number,
  what: string,
  promise: Promise<T>,
): Promise<T> {
  let cancel = () => {};
  const timeout = new Promise<never>((_resolve, reject) => {
    cancel = clock.schedule(
      () => reject(new Error(`${what} took longer than ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    cancel();
  }
}
