import { findTopicsInUse, listGateways } from '@millrace/ledger';
import type { Knex } from 'knex';

/** A gateway without a heartbeat for so long has no lease left. */
const GATEWAYS_SINCE_MS = 60 * 60 * 1000;

/**
 * Remembers topics that were taken out of the config snapshot because they were
 * lost, until no gateway publishes to them any more.
 *
 * Between creating a topic and creating its subscription, a message published
 * to it is confirmed and goes nowhere. For a new type nobody publishes yet. For
 * a topic that gateways already use (it was deleted, the broker was wiped) they
 * would: so it is first withdrawn, the type with it or, for refused events, the
 * general topic in its place, and it comes back only when every gateway that is
 * alive runs a snapshot without it. Until then publishing fails, which
 * producers see and retry.
 */
export class Withdrawals {
  readonly #ledger: Knex;
  readonly #now: () => Date;
  /** Topic to the first generation without it. */
  readonly #withdrawn = new Map<string, number>();

  constructor(options: { ledger: Knex; now: () => Date }) {
    this.#ledger = options.ledger;
    this.#now = options.now;
  }

  /** Of topics that are missing, those that must not be created yet. */
  async findBlocked(topics: string[]): Promise<Set<string>> {
    if (topics.length === 0) {
      return new Set();
    }
    const [inUse, gateways] = await Promise.all([
      findTopicsInUse(this.#ledger, { topics }),
      listGateways(this.#ledger, {
        activeSince: new Date(this.#now().getTime() - GATEWAYS_SINCE_MS),
      }),
    ]);
    const generations = gateways
      .filter(({ alive, generation }) => alive && generation !== undefined)
      .map(({ generation }) => Number(generation));
    return new Set(
      topics.filter(topic => {
        const needed = inUse.has(topic)
          ? Infinity
          : this.#withdrawn.get(topic) ?? 0;
        return generations.some(generation => generation < needed);
      }),
    );
  }

  /** Notes which topics a just published snapshot leaves out for this reason. */
  published(generation: number, blocked: Set<string>): void {
    for (const topic of this.#withdrawn.keys()) {
      if (!blocked.has(topic)) {
        this.#withdrawn.delete(topic);
      }
    }
    for (const topic of blocked) {
      if (!this.#withdrawn.has(topic)) {
        this.#withdrawn.set(topic, generation);
      }
    }
  }
}
