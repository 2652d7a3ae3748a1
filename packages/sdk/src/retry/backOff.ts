import { Clock } from '../types';

/**
 * A Retry-After longer than this is not believed: a broken proxy must not
 * silence a producer for a day.
 */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** Settings and sources of the back-off. */
export interface BackOffOptions {
  initialDelayMs: number;
  maxDelayMs: number;
  clock: Clock;
  random: () => number;
}

/** How a request failed, as far as it matters for the next. */
export interface Failure {
  /** What the gateway asked for. */
  retryAfterMs?: number;
  /** A retry alone will not help; somebody has to change something first. */
  isLasting?: boolean;
}

/**
 * How much longer than the first back-off at most those events wait that a
 * gateway could not store although it is well.
 */
const SOME_EVENTS_FACTOR = 10;

/**
 * Decides when the next request to one gateway may leave. One for all batches,
 * because it is the gateway that is unwell, not a batch.
 *
 * Full jitter: the delay is drawn from the whole range, which spreads many
 * producers best after a common outage. What the gateway asks for in
 * Retry-After is waited for first; the jitter comes on top, or all would
 * return at that very moment.
 */
export class BackOff {
  private failures = 0;
  private notBefore = -Infinity;

  constructor(private readonly options: BackOffOptions) {}

  /** Whether the last request failed: then one request at a time is enough. */
  get isCautious(): boolean {
    return this.failures > 0;
  }

  /** Earliest time of the next request; in the past means now. */
  get nextAt(): number {
    return this.notBefore;
  }

  succeeded(): void {
    this.failures = 0;
    this.notBefore = -Infinity;
  }

  /** @returns how long to wait, in milliseconds */
  failed(failure: Failure = {}): number {
    const { initialDelayMs, maxDelayMs, random, clock } = this.options;
    const range = Math.min(maxDelayMs, initialDelayMs * 2 ** this.failures);
    // Keeps 2 ** failures finite however long an outage lasts.
    this.failures = Math.min(this.failures + 1, 50);
    const asked = Math.min(failure.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
    const delayMs = failure.isLasting
      ? Math.max(asked, maxDelayMs * (0.5 + random() / 2))
      : asked + random() * range;
    const at = clock.now() + delayMs;
    this.notBefore = Math.max(this.notBefore, at);
    return Math.round(delayMs);
  }

  /**
   * @returns how long events wait that a gateway in good health could not
   * store, in milliseconds
   */
  delayOfSome(failure: Failure): number {
    const { initialDelayMs, maxDelayMs, random } = this.options;
    const range = Math.min(maxDelayMs, initialDelayMs * SOME_EVENTS_FACTOR);
    const asked = Math.min(failure.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
    return Math.round(asked + random() * range);
  }

  /** Leaves the gateway alone for what another one has asked for. */
  pause(failure: Failure): void {
    const { initialDelayMs, random, clock } = this.options;
    const asked = Math.min(failure.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
    const at = clock.now() + asked + random() * initialDelayMs;
    this.notBefore = Math.max(this.notBefore, at);
  }

  /** Allows one attempt at once, for callers that are about to stop. */
  hurry(): void {
    this.notBefore = -Infinity;
  }
}
