/**
 * The generic cell rate algorithm: a leaky bucket kept as one number, the time
 * at which the bucket will have run empty. Nothing has to be ticked.
 *
 * Guarantee: in any span of `t` seconds it admits at most `burst + rate × t`.
 *
 * @see https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export class RateLimit {
  /** Most that may come at once. */
  readonly burst: number;
  private readonly msPerUnit: number;
  private readonly toleranceMs: number;

  constructor(readonly perSecond: number, burst: number) {
    this.burst = burst;
    this.msPerUnit = 1000 / perSecond;
    this.toleranceMs = burst * this.msPerUnit;
  }

  /**
   * Tries to add an amount.
   *
   * @param emptyAt - what the last admission gave; 0 for a new bucket
   * @returns when the bucket will be empty if the amount is admitted, and how
   * long to wait if it is not: 0 if it is, Infinity if it never can be
   */
  admit(
    emptyAt: number,
    amount: number,
    now: number,
  ): { emptyAt: number; waitMs: number } {
    if (amount > this.burst) {
      return { emptyAt, waitMs: Infinity };
    }
    const after = this.fullness(emptyAt, now) + amount * this.msPerUnit;
    const waitMs = after - this.toleranceMs;
    // Sums of fractions may end a hair above what they stand for.
    return waitMs > 1e-6 * this.toleranceMs
      ? { emptyAt, waitMs }
      : { emptyAt: now + after, waitMs: 0 };
  }

  /** What may come at once now. */
  remaining(emptyAt: number, now: number): number {
    const freeMs = this.toleranceMs - this.fullness(emptyAt, now);
    return Math.max(0, Math.floor(freeMs / this.msPerUnit + 1e-6));
  }

  /**
   * No bucket is more than full: if one seems to be, the clock was set back, and
   * the sender must not be shut out until it has caught up.
   */
  private fullness(emptyAt: number, now: number): number {
    return Math.min(Math.max(0, emptyAt - now), this.toleranceMs);
  }
}
