import { Tier } from '@millrace/ledger';

/*
 * Who gets scarce capacity first
 *
 * Critical before normal before low, whatever waits. But a tier that is always
 * last would be starved for ever by one that never ends, so one turn in eight is
 * for what has grown old in the tiers behind: the longest overdue of those that
 * are past the time their tier promises. So under any load the first tier has
 * at least seven turns of eight, and everything else gets on.
 */

/** Of so many turns one is for what has grown old. */
export const TURNS_PER_AGED = 8;

const ORDER: readonly Tier[] = ['critical', 'normal', 'low'];

/** How urgent something is. @internal */
export interface Urgency {
  tier: Tier;
  /** From then on it counts as old, in ms of the queue's clock. */
  oldFromMs: number;
}

interface Waiting<T> extends Urgency {
  item: T;
}

/**
 * A queue by tier, with aging. Within a tier: first come, first served.
 *
 * @internal
 */
export class TierQueue<T> {
  readonly #waiting: Record<Tier, Waiting<T>[]> = {
    critical: [],
    normal: [],
    low: [],
  };
  #turnsSinceAged = 0;

  get size(): number {
    return ORDER.reduce((sum, tier) => sum + this.#waiting[tier].length, 0);
  }

  add(item: T, urgency: Urgency): void {
    this.#waiting[urgency.tier].push({ item, ...urgency });
  }

  /** Whose turn it is; `undefined` when nobody waits. */
  take(nowMs: number): T | undefined {
    const first = ORDER.find(tier => this.#waiting[tier].length > 0);
    if (first === undefined) {
      return undefined;
    }
    this.#turnsSinceAged += 1;
    if (this.#turnsSinceAged >= TURNS_PER_AGED) {
      const aged = this.#longestOverdue(first, nowMs);
      if (aged) {
        this.#turnsSinceAged = 0;
        return this.#remove(aged);
      }
    }
    return this.#waiting[first].shift()?.item;
  }

  /** Empties the queue. */
  clear(): void {
    ORDER.forEach(tier => this.#waiting[tier].splice(0));
  }

  /** Of those in the tiers that `first` goes before. */
  #longestOverdue(first: Tier, nowMs: number): Waiting<T> | undefined {
    let oldest: Waiting<T> | undefined;
    for (const tier of ORDER.slice(ORDER.indexOf(first) + 1)) {
      for (const waiting of this.#waiting[tier]) {
        if (
          waiting.oldFromMs <= nowMs &&
          (!oldest || waiting.oldFromMs < oldest.oldFromMs)
        ) {
          oldest = waiting;
        }
      }
    }
    return oldest;
  }

  #remove(waiting: Waiting<T>): T {
    const ofTier = this.#waiting[waiting.tier];
    ofTier.splice(ofTier.indexOf(waiting), 1);
    return waiting.item;
  }
}
