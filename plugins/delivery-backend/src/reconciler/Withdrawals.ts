import { listGateways, readConfigSnapshot } from '@millrace/ledger';
import type { Knex } from 'knex';

/** A gateway without a heartbeat for so long has no lease left. */
const GATEWAYS_SINCE_MS = 60 * 60 * 1000;

/**
 * Remembers event types that were taken out of the config snapshot because
 * their topic was lost, until no gateway accepts them any more.
 *
 * Between creating a topic and creating its subscription, a message published
 * to it is confirmed and goes nowhere. For a new type nobody publishes yet. For
 * a type that gateways already accept (its topic was deleted, the broker was
 * wiped) they would: so it is first withdrawn, and its topic comes back only
 * when every gateway that is alive runs a snapshot without it. Until then
 * publishing fails, which producers see and retry.
 */
export class Withdrawals {
  readonly #ledger: Knex;
  readonly #now: () => Date;
  /** Event type to the first generation without it. */
  readonly #withdrawn = new Map<string, number>();

  constructor(options: { ledger: Knex; now: () => Date }) {
    this.#ledger = options.ledger;
    this.#now = options.now;
  }

  /**
   * Of event types whose topic is missing, those whose topic must not be
   * created yet.
   */
  async findBlocked(eventTypes: string[]): Promise<Set<string>> {
    if (eventTypes.length === 0) {
      return new Set();
    }
    const [snapshot, gateways] = await Promise.all([
      readConfigSnapshot(this.#ledger),
      listGateways(this.#ledger, {
        activeSince: new Date(this.#now().getTime() - GATEWAYS_SINCE_MS),
      }),
    ]);
    const accepted = new Set(snapshot?.eventTypes.map(({ name }) => name));
    const generations = gateways
      .filter(({ alive, generation }) => alive && generation !== undefined)
      .map(({ generation }) => Number(generation));
    return new Set(
      eventTypes.filter(name => {
        const needed = accepted.has(name)
          ? Infinity
          : this.#withdrawn.get(name) ?? 0;
        return generations.some(generation => generation < needed);
      }),
    );
  }

  /** Notes which types a just published snapshot leaves out for this reason. */
  published(generation: number, blocked: Set<string>): void {
    for (const name of this.#withdrawn.keys()) {
      if (!blocked.has(name)) {
        this.#withdrawn.delete(name);
      }
    }
    for (const name of blocked) {
      if (!this.#withdrawn.has(name)) {
        this.#withdrawn.set(name, generation);
      }
    }
  }
}
