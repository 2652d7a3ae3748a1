import { setImmediate } from 'node:timers/promises';

/**
 * Bytes looked at between two pauses: less than a millisecond of work. A small
 * request needs several turns of the event loop and waits for a slice of others
 * in each. Counted in work and not in time, so that the same request is cut in
 * the same places on every machine.
 */
const WORK_BETWEEN_PAUSES = 250_000;

/**
 * Spreads the work of large requests, so that no request waits longer than for
 * one slice of another.
 */
export class Pacer {
  private work = 0;

  /** Notes work done; tells whether it is time to pause. */
  spend(work: number): boolean {
    this.work += work;
    return this.work >= WORK_BETWEEN_PAUSES;
  }

  /** Lets everything else that waits have its turn. */
  async pause(): Promise<void> {
    this.work = 0;
    await setImmediate();
  }
}
