import { PubSub } from '@google-cloud/pubsub';
import {
  ClaimedEventType,
  ConfigSnapshot,
  FencingError,
  listenForConfig,
  readConfigSnapshot,
  SnapshotEventType,
  Tier,
} from '@millrace/ledger';
import {
  REFUSED_SUBSCRIPTION,
  refusedSubscriptionOf,
  subscriptionOf,
} from '@millrace/schema';
import { Knex } from 'knex';
import { Backoff } from '../backoff';
import { Clock } from '../clock';
import { createFairLimit } from '../fairLimit';
import { Logger } from '../logger';
import { repeat } from '../repeat';
import { BacklogProbe } from '../sealer/closing';
import { createTierLimit } from '../tiers';
import { BrokerMessage } from './brokerMessage';
import { createCarefulFlush } from './carefulFlush';
import { createEventBatches } from './eventBatches';
import { FlushLoop } from './flushLoop';
import { ConsumptionLeases, Holding } from './leases';
import { createRefusedEvents } from './refusedEvents';
import { createLeftoverSweep } from './removeLeftovers';
import { createPoisonRetries } from './poisonRetries';
import { openSubscriptionFeed } from './subscriptionFeed';

/*
 * The consumer
 *
 * Takes batches off one subscription per event type into staged files, and
 * refused events off another one per type into the ledger. Which types are this
 * worker's is settled by leases (`leases/`); they come and go without a restart.
 *
 * Guarantees:
 * - A message is acknowledged only after the ledger has it; what the broker
 *   delivers again is found recorded and dropped.
 * - One worker at a time consumes a type, and a type that leaves the config is
 *   drained before nobody does.
 * - Each subscription has a stream, memory bound, staging folder, flush loop and
 *   back-off of its own: a type that fails, or floods, slows no other. What they
 *   share, the connections to the ledger, they share in turns: critical types
 *   first, and nobody is starved.
 * - A message that cannot be staged, or that kills whoever handles it, is set
 *   aside with the reason after a bounded number of attempts; those around it go
 *   on. It can be tried again.
 * - Ledger, disk or broker away: it keeps trying with growing pauses and goes on
 *   by itself when they are back.
 */

const FLUSH_BYTES = 8 * 1024 * 1024;

/*
 * A type's refused subscription is idle nearly always, and there are as many as
 * types: each holds little. Two recorders at a time leave most of the ledger's
 * connections to staging and sealing.
 */
const REFUSED_FLUSH_BYTES = 1024 * 1024;
const REFUSED_HELD = { maxBytes: 2 * 1024 * 1024, maxMessages: 20 };
const REFUSED_RECORDERS = 2;

/** Of ten connections to the ledger, by default; the sealer needs some. */
const RECORDERS = 4;

/** A batch that has waited so long for its turn goes before critical ones. */
const OLD_AFTER_MS = 2_000;

const FLUSH_DELAY_MS = 100;
const CONFIG_POLL_MS = 1_000;
const RETRY_POLL_MS = 2_000;
const LEFTOVERS_INTERVAL_MS = 60 * 60_000;
const DEFAULT_LEASE_MS = 15_000;

/** Clocks of broker and ledger differ by less. */
const CLOCK_MARGIN_MS = 60_000;

/** @internal */
export interface ConsumerOptions {
  pubsub: PubSub;
  ledger: Knex;
  /** Of this worker alone. */
  workerId: string;
  stagingDir: string;
  clock: Clock;
  logger: Logger;
  /** Between attempts at flushing, reading the config, opening a stream. */
  backoff?: Backoff;
  /** How long its event types stay with a worker that has died. Default 15 s. */
  leaseMs?: number;
  /** Asked about event types that have left the config. */
  backlog: BacklogProbe;
  /** See `ConsumptionLeases`. */
  drainMarginMs?: number;
}

/** @internal */
export interface Consumer {
  /** The generation of the config snapshot it runs. */
  generation(): number | undefined;
  /** Stops pulling, finishes what is in hand, acknowledges, closes. */
  stop(): Promise<void>;
}

/** What a subscription carries, and on what terms it is taken. */
interface Lane {
  subscription: string;
  kind: 'events' | 'refused';
  /** `undefined` for refused events of unknown types. */
  eventType?: string;
  tier: Tier;
  claim?: ClaimedEventType;
  /** Messages published before were perhaps in hand when a consumer died. */
  carefulUntil?: Date;
}

interface Intake {
  offer(message: BrokerMessage): void;
  isGone(): boolean;
  stop(): Promise<void>;
  abandon(): Promise<void>;
}

/** Starts at once and needs neither ledger nor broker to be there yet. @internal */
export function startConsumer(options: ConsumerOptions): Consumer {
  const {
    ledger,
    workerId,
    stagingDir,
    clock,
    logger,
    backoff = { baseMs: 200, maxMs: 15_000 },
    leaseMs = DEFAULT_LEASE_MS,
  } = options;
  /** By subscription. */
  const intakes = new Map<string, Intake>();
  let types = new Map<string, SnapshotEventType>();
  let generation: number | undefined;

  const limit = createTierLimit({
    maxRunning: RECORDERS,
    oldAfterMs: OLD_AFTER_MS,
  });
  const refusedLimit = createFairLimit(REFUSED_RECORDERS);
  const alone = createFairLimit(1);

  // Needs no config and no lease: refused events of unknown types come here,
  // and whoever records one first has recorded it.
  const general = openIntake({
    subscription: REFUSED_SUBSCRIPTION,
    kind: 'refused',
    tier: 'normal',
    carefulUntil: clock(),
  });
  const leases = new ConsumptionLeases({
    ...options,
    worker: workerId,
    backoff,
    leaseMs,
    open: openType,
  });
  const config = repeat({
    intervalMs: CONFIG_POLL_MS,
    backoff,
    run: async () => {
      const snapshot = await readConfigSnapshot(ledger, {
        newerThan: generation,
      });
      if (snapshot) {
        follow(snapshot);
        generation = snapshot.generation;
      }
    },
    onError: warn('Cannot read the config snapshot'),
  });
  const listener = listenForConfig(ledger, { onChange: config.wake });
  const retryPoison = createPoisonRetries({
    ledger,
    session: () => leases.session,
    offer: (subscription, message) => intakes.get(subscription)?.offer(message),
  });
  const retries = repeat({
    intervalMs: RETRY_POLL_MS,
    backoff,
    run: retryPoison,
    onError: warn('Cannot read which messages are to be tried again'),
  });
  const removeLeftovers = createLeftoverSweep({ ledger, stagingDir });
  const leftovers = repeat({
    intervalMs: LEFTOVERS_INTERVAL_MS,
    backoff: { ...backoff, maxMs: LEFTOVERS_INTERVAL_MS },
    run: async () => {
      const removed = await removeLeftovers();
      if (removed > 0) {
        logger.info('Removed left-over staged files', { removed });
      }
    },
    onError: warn('Cannot remove left-over staged files'),
  });

  function follow(snapshot: ConfigSnapshot): void {
    types = new Map(snapshot.eventTypes.map(type => [type.name, type]));
    leases.wake();
  }

  /** Both subscriptions of a type; where they end, the claim ends. */
  function openType(claim: ClaimedEventType): Holding {
    const { eventType, tier, claimedAt, isTakenOver } = claim;
    const lane = {
      eventType,
      tier,
      claim,
      carefulUntil: isTakenOver
        ? new Date(claimedAt.getTime() + CLOCK_MARGIN_MS)
        : undefined,
    };
    const events = openIntake({
      ...lane,
      kind: 'events',
      subscription:
        types.get(eventType)?.subscription ?? subscriptionOf(eventType),
    });
    const refused = openIntake({
      ...lane,
      kind: 'refused',
      subscription: refusedSubscriptionOf(eventType),
    });
    return {
      isGone: kind => (kind === 'events' ? events : refused).isGone(),
      async stop() {
        await Promise.all([events.stop(), refused.stop()]);
      },
      async abandon() {
        await Promise.all([events.abandon(), refused.abandon()]);
      },
    };
  }

  function openIntake(lane: Lane): Intake {
    const { subscription, eventType, tier, claim, carefulUntil } = lane;
    const isRefused = lane.kind === 'refused' || eventType === undefined;
    const common = { ledger, logger, subscription, worker: workerId };
    const { flush } = isRefused
      ? createRefusedEvents({ ...common, eventType, limit: refusedLimit })
      : createEventBatches({
          ...options,
          ...common,
          eventType,
          claim,
          // The tier of now: it may change while the type is held.
          limit: task => limit(types.get(eventType)?.tier ?? tier, task),
        });
    const loop = new FlushLoop<BrokerMessage>({
      flush: createCarefulFlush({
        ...common,
        subscriptionType: eventType,
        flush,
        isSuspect: ({ publishTime }) =>
          carefulUntil !== undefined && publishTime <= carefulUntil,
        alone,
      }),
      maxBytes: isRefused ? REFUSED_FLUSH_BYTES : FLUSH_BYTES,
      maxDelayMs: FLUSH_DELAY_MS,
      backoff,
      onError: (error, retryMs) => {
        if (error instanceof FencingError) {
          leases.wake();
        }
        warn('Cannot stage messages', { subscription })(error, retryMs);
      },
    });
    const feed = openSubscriptionFeed({
      pubsub: options.pubsub,
      subscription,
      backoff,
      ...(isRefused && { held: REFUSED_HELD }),
      onMessage: message => loop.offer(message),
      onError: warn('The stream of a subscription ended', { subscription }),
    });
    const intake: Intake = {
      offer: message => loop.offer(message),
      isGone: feed.isGone,
      async stop() {
        forget();
        await loop.stop();
        await feed.close();
      },
      async abandon() {
        forget();
        // What the loop has under way may hang, in the ledger or on the disk.
        loop.stop().catch(() => {});
        await feed.close();
      },
    };
    intakes.set(subscription, intake);
    return intake;

    function forget() {
      if (intakes.get(subscription) === intake) {
        intakes.delete(subscription);
      }
    }
  }

  function warn(message: string, meta: { [key: string]: string } = {}) {
    return (error: unknown, retryMs: number) =>
      logger.warn(message, {
        ...meta,
        error: error instanceof Error ? error.message : String(error),
        retryMs: Math.round(retryMs),
      });
  }

  return {
    generation: () => generation,
    async stop() {
      await Promise.all([
        listener.stop(),
        config.stop(),
        retries.stop(),
        leftovers.stop(),
      ]);
      await Promise.all([general.stop(), leases.stop()]);
    },
  };
}
