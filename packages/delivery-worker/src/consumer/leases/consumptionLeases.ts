import { randomUUID } from 'node:crypto';
import {
  claimConsumption,
  ClaimedEventType,
  ConsumptionStanding,
  finishDraining,
  gatewaysAreCurrent,
  HeldEventType,
  joinConsumers,
  leaveConsumers,
  releaseConsumption,
  renewConsumption,
  Tier,
} from '@millrace/ledger';
import { Knex } from 'knex';
import { Backoff } from '../../backoff';
import { Clock } from '../../clock';
import { Logger } from '../../logger';
import { repeat, Repetition } from '../../repeat';
import { BacklogProbe } from '../../sealer/closing';
import { fairShare } from './fairShare';

/*
 * Which event types this worker consumes
 *
 * Each type is consumed by one worker at a time. Workers agree without talking
 * to each other: each renews one row of its own, sees who else is alive, knows
 * by that how many types are its share, hands back what it has too much of and
 * claims what is free while it has too little.
 *
 * Guarantees:
 * - A type that a dead worker held is free once the worker's lease has run out.
 * - A worker that cannot renew for as long as its lease lets go of everything it
 *   has in hand: the broker would otherwise keep those messages for it.
 * - What a worker still records under a claim that has passed on is refused by
 *   the ledger (fencing).
 * - When workers join or leave, a type moves once, and no more than that many
 *   types move: shares differ by one at most, and nobody gives away below its
 *   share. Handing back goes in steps, so that streams do not open and close by
 *   the thousand in one second.
 * - A type that has left the config is consumed until nothing is left on its
 *   subscriptions, that of refused events too, and no gateway can publish to
 *   them any more.
 */

/** How many types are handed back at a time. */
const RELEASED_AT_ONCE = 100;

/** What a gateway has in hand when it learns of a new config. */
const DRAIN_MARGIN_MS = 60_000;

/** An event type this worker holds, and what it does about it. @internal */
export interface Holding {
  /** Takes nothing further, finishes what is in hand, gives the rest back. */
  stop(): Promise<void>;
  /** Gives everything back, whatever is under way. */
  abandon(): Promise<void>;
  /** That subscription of it does not exist; asked only of types that are drained. */
  isGone(kind: 'events' | 'refused'): boolean;
}

/** @internal */
export interface ConsumptionLeasesOptions {
  ledger: Knex;
  worker: string;
  /** How long its types stay with a worker that has died. */
  leaseMs: number;
  backoff: Backoff;
  clock: Clock;
  logger: Logger;
  /** Begins to consume a type; called once per claim. */
  open(claimed: ClaimedEventType): Holding;
  /** Asked about types that have left the config. */
  backlog: BacklogProbe;
  drainMarginMs?: number;
  /** Default `performance.now`. */
  monotonicMs?: () => number;
}

interface Held extends HeldEventType {
  holding: Holding;
  /** Since when no gateway can publish to it, by the time of day. */
  quietSince?: Date;
}

/** @internal */
export class ConsumptionLeases {
  readonly #options: ConsumptionLeasesOptions;
  readonly #held = new Map<string, Held>();
  readonly #stopping = new Set<Promise<void>>();
  /** Types on their way back to the ledger. */
  readonly #giving = new Set<string>();
  readonly #loop: Repetition;
  readonly #watch: NodeJS.Timeout;
  #draining: Promise<void> | undefined;
  #session: string | undefined;
  #isReplaced = false;
  #renewedAt: number;

  constructor(options: ConsumptionLeasesOptions) {
    this.#options = options;
    this.#renewedAt = this.#monotonicMs();
    this.#loop = repeat({
      intervalMs: options.leaseMs / 5,
      backoff: { ...options.backoff, maxMs: options.leaseMs / 5 },
      run: () => this.#tick(),
      onError: (error, retryMs) => {
        options.logger.warn('Cannot renew the leases on event types', {
          error: error instanceof Error ? error.message : String(error),
          retryMs: Math.round(retryMs),
        });
      },
    });
    // Not in the loop: a statement on a connection that is gone may hang for
    // longer than any lease.
    this.#watch = setInterval(
      () => this.#letGoWhenExpired(),
      options.leaseMs / 5,
    );
    this.#watch.unref();
  }

  /** The life of this consumer, once the ledger knows it. */
  get session(): string | undefined {
    return this.#session;
  }

  /** Looks at once how things stand: a claim turned out to have passed on. */
  wake(): void {
    this.#loop.wake();
  }

  /** Hands everything back: others need not wait for the lease to run out. */
  async stop(): Promise<void> {
    clearInterval(this.#watch);
    await this.#loop.stop();
    await this.#draining;
    this.#letGo([...this.#held.keys()]);
    await Promise.all(this.#stopping);
    if (this.#session) {
      await leaveConsumers(this.#options.ledger, {
        session: this.#session,
      }).catch(() => {}); // Then the lease runs out.
    }
  }

  async #tick(): Promise<void> {
    const { ledger, leaseMs } = this.#options;
    const session = this.#session ?? (await this.#join());
    const askedAt = this.#monotonicMs();
    const standing = await renewConsumption(ledger, { session, leaseMs });
    if (!standing) {
      this.#options.logger.error(
        'Another process has joined under the name of this worker, or the ledger was restored: give each worker a name of its own',
        { worker: this.#options.worker },
      );
      this.#session = undefined;
      this.#isReplaced = true;
      this.#letGo([...this.#held.keys()]);
      this.#loop.wake();
      return;
    }
    this.#renewedAt = askedAt;
    this.#follow(standing);
    const share = fairShare(session, standing.members, standing.types);
    this.#handBack(session, share);
    await this.#claim(session, share);
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
    });
  }

  async #join(): Promise<string> {
    const { ledger, worker, leaseMs } = this.#options;
    const session = randomUUID();
    await joinConsumers(ledger, {
      worker,
      session,
      leaseMs,
      replace: !this.#isReplaced,
    });
    this.#session = session;
    return session;
  }

  /** Drops what has passed on; takes up what is ours and was let go. */
  #follow(standing: ConsumptionStanding): void {
    const ours = new Map(standing.held.map(held => [held.eventType, held]));
    const lost = [...this.#held.values()].filter(
      ({ eventType, fencingToken }) =>
        ours.get(eventType)?.fencingToken !== fencingToken,
    );
    this.#letGo(lost.map(({ eventType }) => eventType));
    for (const held of ours.values()) {
      const known = this.#held.get(held.eventType);
      if (known) {
        known.tier = held.tier;
        known.removedAt = held.removedAt;
      } else if (!this.#giving.has(held.eventType)) {
        // After an outage of the ledger in which nobody else claimed it.
        this.#open({
          ...held,
          claimedAt: this.#options.clock(),
          isTakenOver: true,
        });
      }
    }
  }

  /** One step at a time, and aside: renewing must not wait for streams to end. */
  #handBack(session: string, share: Readonly<Record<Tier, number>>): void {
    if (this.#giving.size > 0) {
      return;
    }
    const surplus = (['low', 'normal', 'critical'] as const).flatMap(tier =>
      this.#ofTier(tier).slice(share[tier]),
    );
    const eventTypes = surplus.slice(0, RELEASED_AT_ONCE);
    if (eventTypes.length > 0) {
      this.#giveAway(eventTypes, () =>
        releaseConsumption(this.#options.ledger, { session, eventTypes }),
      );
    }
  }

  async #claim(
    session: string,
    share: Readonly<Record<Tier, number>>,
  ): Promise<void> {
    const room = (tier: Tier) =>
      Math.max(0, share[tier] - this.#ofTier(tier).length);
    const claimed = await claimConsumption(this.#options.ledger, {
      session,
      room: {
        critical: room('critical'),
        normal: room('normal'),
        low: room('low'),
      },
    });
    claimed.forEach(each => this.#open(each));
  }

  /** Aside as well: the broker may take its time to say how far it is. */
  async #drain(): Promise<void> {
    const removed = [...this.#held.values()].filter(held => held.removedAt);
    if (removed.length > 0) {
      // The next round tries again; why it failed the renewal tells as well.
      await this.#drainTypes(removed).catch(() => {});
    }
  }

  async #drainTypes(removed: Held[]): Promise<void> {
    const { ledger, clock, logger } = this.#options;
    const isQuiet = await gatewaysAreCurrent(ledger);
    for (const held of removed) {
      held.quietSince = isQuiet ? held.quietSince ?? clock() : undefined;
      const { eventType, fencingToken } = held;
      const isDrained = await this.#isDrained(held);
      if (isDrained && this.#held.get(eventType) === held) {
        this.#giveAway([eventType], async () => {
          await finishDraining(ledger, { eventType, fencingToken });
          logger.info('Nothing is left of an event type that was removed', {
            eventType,
          });
        });
      }
    }
  }

  /** Refused events are kept too: both subscriptions have to be empty. */
  async #isDrained(held: Held): Promise<boolean> {
    return (
      (await this.#isEmpty(held, 'events')) &&
      (await this.#isEmpty(held, 'refused'))
    );
  }

  async #isEmpty(
    { eventType, quietSince, holding }: Held,
    kind: 'events' | 'refused',
  ): Promise<boolean> {
    const { backlog, drainMarginMs = DRAIN_MARGIN_MS } = this.#options;
    if (!quietSince) {
      return false;
    }
    const reading = await backlog(eventType, kind);
    if (!reading) {
      // No subscription, no backlog, and nothing that could come.
      return holding.isGone(kind);
    }
    return (
      reading.undelivered === 0 &&
      reading.oldestUnackedAgeSeconds === 0 &&
      reading.measuredAt.getTime() > quietSince.getTime() + drainMarginMs
    );
  }

  /** Stops consuming types and then tells the ledger so. */
  #giveAway(eventTypes: string[], tell: () => Promise<unknown>): void {
    eventTypes.forEach(eventType => this.#giving.add(eventType));
    const given = Promise.all(this.#letGo(eventTypes))
      .then(tell)
      .then(() => {})
      .catch(() => {}) // Still ours in the ledger: taken up again.
      .finally(() => {
        eventTypes.forEach(eventType => this.#giving.delete(eventType));
        this.#stopping.delete(given);
        this.#loop.wake();
      });
    this.#stopping.add(given);
  }

  #open(claimed: ClaimedEventType): void {
    const { eventType, fencingToken, tier, removedAt } = claimed;
    this.#held.set(eventType, {
      eventType,
      fencingToken,
      tier,
      removedAt,
      holding: this.#options.open(claimed),
    });
  }

  /** Returns at once; what is slow to end must not keep others from starting. */
  #letGo(
    eventTypes: string[],
    how: 'stop' | 'abandon' = 'stop',
  ): Promise<void>[] {
    return eventTypes.map(eventType => {
      const held = this.#held.get(eventType);
      this.#held.delete(eventType);
      const stopped = (held?.holding[how]() ?? Promise.resolve())
        .catch(() => {}) // What is in hand comes again.
        .finally(() => this.#stopping.delete(stopped));
      this.#stopping.add(stopped);
      return stopped;
    });
  }

  #letGoWhenExpired(): void {
    const silentMs = this.#monotonicMs() - this.#renewedAt;
    if (this.#held.size > 0 && silentMs > this.#options.leaseMs) {
      this.#options.logger.warn(
        'The leases on event types have run out; giving back what is in hand',
        { eventTypes: this.#held.size },
      );
      this.#letGo([...this.#held.keys()], 'abandon');
    }
  }

  #ofTier(tier: Tier): string[] {
    return [...this.#held.values()]
      .filter(held => held.tier === tier)
      .map(({ eventType }) => eventType);
  }

  #monotonicMs(): number {
    const { monotonicMs = () => performance.now() } = this.#options;
    return monotonicMs();
  }
}
