import { isError } from '@backstage/errors';
import type { PubSub } from '@google-cloud/pubsub';
import {
  getRemoval,
  readFootprint,
  REMOVAL_STEPS,
  type RemovalRecord,
} from '@millrace/ledger';
import type {
  EventTypeFootprint,
  FootprintResource,
  RemovalProgress,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { describeCause } from '../errors';
import { type BrokerThing, resourcesOf } from '../reconciler';

/** gRPC status of what is not there. */
const NOT_FOUND = 5;

/** A preview that a person waits for; the broker may be away. */
const CALL_OPTIONS = { timeout: 5_000, maxRetries: 0 };

/** Tells what there is of an event type in delivery. It checks no permissions. */
export class FootprintReader {
  readonly #ledger: Knex;
  readonly #pubsub: PubSub;

  constructor(options: { ledger: Knex; pubsub: PubSub }) {
    this.#ledger = options.ledger;
    this.#pubsub = options.pubsub;
  }

  /**
   * @param options - `withProducers`: whether write keys are named, or counted
   * only
   */
  async read(options: {
    eventType: string;
    withProducers: boolean;
  }): Promise<EventTypeFootprint> {
    const { eventType, withProducers } = options;
    const [footprint, removal, resources] = await Promise.all([
      readFootprint(this.#ledger, { eventType }),
      getRemoval(this.#ledger, { eventType }),
      this.#look(eventType),
    ]);
    const { writeKeys } = footprint;
    return {
      ...resources,
      inFlight: footprint.inFlight,
      lastReceivedAt: footprint.lastReceivedAt?.toISOString(),
      partitions: {
        count: footprint.partitions,
        events: footprint.deliveredEvents,
        first: footprint.firstBucket?.toISOString(),
        last: footprint.lastBucket?.toISOString(),
      },
      producers: {
        items: withProducers
          ? writeKeys.map(({ lastUsedAt, ...key }) => ({
              ...key,
              lastUsedAt: lastUsedAt?.toISOString(),
            }))
          : [],
        total: writeKeys.length,
        unrestricted: footprint.unrestrictedKeys,
      },
      sinks: footprint.sinks,
      removal: removal && toProgress(removal),
    };
  }

  async #look(
    eventType: string,
  ): Promise<Pick<EventTypeFootprint, 'resources' | 'brokerProblem'>> {
    try {
      return {
        resources: await Promise.all(
          resourcesOf(eventType).map(thing => this.#lookAt(thing)),
        ),
      };
    } catch (error) {
      return { resources: [], brokerProblem: describeCause(error) };
    }
  }

  async #lookAt({ kind, name }: BrokerThing): Promise<FootprintResource> {
    const thing =
      kind === 'topic'
        ? this.#pubsub.topic(name)
        : this.#pubsub.subscription(name);
    try {
      await thing.getMetadata(CALL_OPTIONS);
      return { kind, name, exists: true };
    } catch (error) {
      if (isError(error) && error.code === NOT_FOUND) {
        return { kind, name, exists: false };
      }
      throw error;
    }
  }
}

function toProgress(removal: RemovalRecord): RemovalProgress {
  const { waiting } = removal;
  const finished: RemovalProgress['finished'] = {};
  for (const step of REMOVAL_STEPS) {
    finished[step] = removal.finished[step]?.toISOString();
  }
  return {
    step: REMOVAL_STEPS.find(step => !removal.finished[step]) ?? 'done',
    finished,
    beganAt: removal.beganAt.toISOString(),
    waitingFor: waiting && { ...waiting, since: waiting.since.toISOString() },
  };
}
