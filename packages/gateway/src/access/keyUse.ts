/**
 * What a gateway has seen of one write key since it started.
 *
 * @public
 */
export interface KeyUse {
  keyId: string;
  /** Requests that were let through. */
  requests: number;
  /** Events in them, whatever their verdict. */
  events: number;
  /** Requests refused as a whole although the key is genuine. */
  refusedRequests: number;
  /** By the gateway's clock. */
  lastUsedAt: Date;
}

interface Counts {
  requests: number;
  events: number;
  refusedRequests: number;
  lastUsedAtMs: number;
  isReported: boolean;
}

/**
 * Counts the use of write keys. Only genuine keys are counted, so there are
 * never more entries than keys, and nobody can make a key look used without
 * holding it.
 */
export class KeyUses {
  private readonly counts = new Map<string, Counts>();

  request(keyId: string, now: number): void {
    this.of(keyId, now).requests += 1;
  }

  events(keyId: string, events: number, now: number): void {
    this.of(keyId, now).events += events;
  }

  /** @param wasLetIn - it had been counted as a request that is let through */
  refusal(keyId: string, now: number, wasLetIn: boolean): void {
    const counts = this.of(keyId, now);
    counts.refusedRequests += 1;
    if (wasLetIn) {
      counts.requests -= 1;
    }
  }

  /**
   * The counts of all keys used since the last report that went well.
   *
   * The numbers only grow, so a report may be repeated, and a later one makes an
   * earlier one superfluous.
   */
  async report(send: (uses: KeyUse[]) => Promise<void>): Promise<void> {
    const news = [...this.counts].filter(([, counts]) => !counts.isReported);
    if (news.length === 0) {
      return;
    }
    news.forEach(([, counts]) => {
      counts.isReported = true;
    });
    try {
      await send(
        news.map(([keyId, { requests, events, refusedRequests, ...rest }]) => ({
          keyId,
          requests,
          events,
          refusedRequests,
          lastUsedAt: new Date(rest.lastUsedAtMs),
        })),
      );
    } catch (error) {
      news.forEach(([, counts]) => {
        counts.isReported = false;
      });
      throw error;
    }
  }

  private of(keyId: string, now: number): Counts {
    let counts = this.counts.get(keyId);
    if (!counts) {
      counts = {
        requests: 0,
        events: 0,
        refusedRequests: 0,
        lastUsedAtMs: now,
        isReported: false,
      };
      this.counts.set(keyId, counts);
    }
    counts.lastUsedAtMs = now;
    counts.isReported = false;
    return counts;
  }
}
