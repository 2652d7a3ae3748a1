import { PubSub } from '@google-cloud/pubsub';
import {
  ConfigSnapshot,
  listenForConfig,
  readConfigSnapshot,
} from '@millrace/ledger';
import { REFUSED_SUBSCRIPTION } from '@millrace/schema';
import { Knex } from 'knex';
import { Backoff } from '../backoff';
import { Clock } from '../clock';
import { createFairLimit } from '../fairLimit';
import { Logger } from '../logger';
import { repeat } from '../repeat';
import { BrokerMessage } from './brokerMessage';
import { createEventBatches } from './eventBatches';
import { FlushLoop } from './flushLoop';
import { createRefusedEvents } from './refusedEvents';
import { removeLeftovers } from './removeLeftovers';
import { openSubscriptionFeed } from './subscriptionFeed';

/*
 * The consumer
 *
 * Takes batches off one subscription per event type of the config snapshot into
 * staged files, and refused events off another one per type into the ledger.
 * Types come and go with the snapshot, without a restart.
 *
 * Guarantees:
 * - A message is acknowledged only after the ledger has it; what the broker
 *   delivers again is found recorded and dropped.
 * - Each subscription has a stream, memory bound, staging folder, flush loop and
 *   back-off of its own: a type that fails, or floods, slows no other. Refused
 *   subscriptions share a small number of ledger connections, in turns.
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

const FLUSH_DELAY_MS = 100;
const CONFIG_POLL_MS = 1_000;
const LEFTOVERS_INTERVAL_MS = 60 * 60_000;

/** @internal */
export interface ConsumerOptions {
  pubsub: PubSub;
  ledger: Knex;
  stagingDir: string;
  clock: Clock;
  logger: Logger;
  /** Between attempts at flushing, reading the config, opening a stream. */
  backoff?: Backoff;
}

/** @internal */
export interface Consumer {
  /** The generation of the config snapshot it runs. */
  generation(): number | undefined;
  /** Stops pulling, finishes what is in hand, acknowledges, closes. */
  stop(): Promise<void>;
}

interface Intake {
  stop(): Promise<void>;
}

/** What a subscription carries. */
interface Wanted {
  eventType?: string;
  kind: 'events' | 'refused';
}

/** Starts at once and needs neither ledger nor broker to be there yet. @internal */
export function startConsumer(options: ConsumerOptions): Consumer {
  const {
    ledger,
    stagingDir,
    clock,
    logger,
    backoff = { baseMs: 200, maxMs: 15_000 },
  } = options;
  const intakes = new Map<string, Intake>();
  const stopping = new Set<Promise<void>>();
  let generation: number | undefined;

  const refusedLimit = createFairLimit(REFUSED_RECORDERS);

  // Needs no config: events of unknown types come here.
  const general = openIntake(REFUSED_SUBSCRIPTION, { kind: 'refused' });
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
  const leftovers = repeat({
    intervalMs: LEFTOVERS_INTERVAL_MS,
    backoff: { ...backoff, maxMs: LEFTOVERS_INTERVAL_MS },
    run: async () => {
      const now = clock();
      const removed = await removeLeftovers({ ledger, stagingDir, now });
      if (removed > 0) {
        logger.info('Removed left-over staged files', { removed });
      }
    },
    onError: warn('Cannot remove left-over staged files'),
  });

  function follow(snapshot: ConfigSnapshot): void {
    const wanted = new Map<string, Wanted>();
    for (const { name, subscription, ...type } of snapshot.eventTypes) {
      wanted.set(subscription, { eventType: name, kind: 'events' });
      // A snapshot of an earlier version does not name it, and while a type's
      // own is not there, the snapshot names the general one.
      const { refusedSubscription = REFUSED_SUBSCRIPTION } = type;
      if (refusedSubscription !== REFUSED_SUBSCRIPTION) {
        wanted.set(refusedSubscription, { eventType: name, kind: 'refused' });
      }
    }
    for (const [subscription, intake] of intakes) {
      if (!wanted.has(subscription)) {
        intakes.delete(subscription);
        // Not awaited: what is slow to end must not keep others from starting.
        const stopped = intake.stop().finally(() => stopping.delete(stopped));
        stopping.add(stopped);
      }
    }
    for (const [subscription, what] of wanted) {
      if (!intakes.has(subscription)) {
        intakes.set(subscription, openIntake(subscription, what));
      }
    }
  }

  function openIntake(subscription: string, what: Wanted): Intake {
    const { eventType, kind } = what;
    const isRefused = kind === 'refused' || eventType === undefined;
    const { flush } = isRefused
      ? createRefusedEvents({
          ledger,
          logger,
          subscription,
          eventType,
          limit: refusedLimit,
        })
      : createEventBatches({ ...options, eventType, subscription });
    const loop = new FlushLoop<BrokerMessage>({
      flush,
      maxBytes: isRefused ? REFUSED_FLUSH_BYTES : FLUSH_BYTES,
      maxDelayMs: FLUSH_DELAY_MS,
      backoff,
      onError: warn('Cannot stage messages', { subscription }),
    });
    const feed = openSubscriptionFeed({
      pubsub: options.pubsub,
      subscription,
      backoff,
      ...(isRefused && { held: REFUSED_HELD }),
      onMessage: message => loop.offer(message),
      onError: warn('The stream of a subscription ended', { subscription }),
    });
    return {
      async stop() {
        await loop.stop();
        await feed.close();
      },
    };
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
      await Promise.all([listener.stop(), config.stop(), leftovers.stop()]);
      await Promise.all([
        general.stop(),
        ...[...intakes.values()].map(intake => intake.stop()),
        ...stopping,
      ]);
    },
  };
}
