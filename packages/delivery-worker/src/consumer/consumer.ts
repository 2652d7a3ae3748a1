import { PubSub } from '@google-cloud/pubsub';
import { ConfigSnapshot, readConfigSnapshot } from '@millrace/ledger';
import { REFUSED_SUBSCRIPTION } from '@millrace/schema';
import { Knex } from 'knex';
import { Backoff } from '../backoff';
import { Clock } from '../clock';
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
 * staged files, and refused events off theirs into the ledger. Types come and go
 * with the snapshot, without a restart.
 *
 * Guarantees:
 * - A message is acknowledged only after the ledger has it; what the broker
 *   delivers again is found recorded and dropped.
 * - Each subscription has a stream, memory bound, staging folder, flush loop and
 *   back-off of its own: a type that fails, or floods, slows no other.
 * - Ledger, disk or broker away: it keeps trying with growing pauses and goes on
 *   by itself when they are back.
 */

const FLUSH_BYTES = 8 * 1024 * 1024;
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
  subscription: string;
  stop(): Promise<void>;
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

  const refused = openIntake(
    REFUSED_SUBSCRIPTION,
    createRefusedEvents({
      ledger,
      logger,
      subscription: REFUSED_SUBSCRIPTION,
    }).flush,
  );
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
    const wanted = new Map(
      snapshot.eventTypes.map(type => [type.name, type.subscription]),
    );
    for (const [name, intake] of intakes) {
      if (wanted.get(name) !== intake.subscription) {
        intakes.delete(name);
        // Not awaited: what is slow to end must not keep others from starting.
        const stopped = intake.stop().finally(() => stopping.delete(stopped));
        stopping.add(stopped);
      }
    }
    for (const [eventType, subscription] of wanted) {
      if (!intakes.has(eventType)) {
        const { flush } = createEventBatches({
          ...options,
          eventType,
          subscription,
        });
        intakes.set(eventType, openIntake(subscription, flush));
      }
    }
  }

  function openIntake(
    subscription: string,
    flush: (
      messages: BrokerMessage[],
      done: (message: BrokerMessage) => void,
    ) => Promise<void>,
  ): Intake {
    const loop = new FlushLoop<BrokerMessage>({
      flush,
      maxBytes: FLUSH_BYTES,
      maxDelayMs: FLUSH_DELAY_MS,
      backoff,
      onError: warn('Cannot stage messages', { subscription }),
    });
    const feed = openSubscriptionFeed({
      pubsub: options.pubsub,
      subscription,
      backoff,
      onMessage: message => loop.offer(message),
      onError: warn('The stream of a subscription ended', { subscription }),
    });
    return {
      subscription,
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
      await Promise.all([config.stop(), leftovers.stop()]);
      await Promise.all([
        refused.stop(),
        ...[...intakes.values()].map(intake => intake.stop()),
        ...stopping,
      ]);
    },
  };
}
