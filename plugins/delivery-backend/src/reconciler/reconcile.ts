import type { PubSub } from '@google-cloud/pubsub';
import {
  publishConfigSnapshot,
  type SnapshotEventType,
} from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import {
  REFUSED_SUBSCRIPTION,
  REFUSED_TOPIC,
  refusedSubscriptionOf,
  refusedTopicOf,
  subscriptionOf,
  topicOf,
} from '@millrace/schema';
import type { Knex } from 'knex';
import {
  describeCause,
  type ProvisioningProblem,
  RoundError,
  type RoundErrorCode,
} from '../errors';
import {
  type BrokerResources,
  createSubscription,
  createTopic,
  type Labels,
  listBrokerResources,
} from './brokerResources';
import type { Withdrawals } from './Withdrawals';

/** How many event types are provisioned at a time. */
const CONCURRENCY = 8;

export interface ReconcileOptions {
  listEventTypes: () => Promise<EventType[]>;
  ledger: Knex;
  pubsub: PubSub;
  withdrawals: Withdrawals;
  bucketSeconds: number;
  /** Put on every topic and subscription that is created. */
  labels?: Labels;
  /** Told what there was at the broker before anything was created. */
  onLooked?: (existing: BrokerResources) => void;
  /** Told of every resource that had to be created. */
  onCreated?: (created: CreatedResources) => Promise<void>;
}

/** What was created for one event type, or for the refused events. */
export interface CreatedResources {
  /** Missing for the resources of refused events. */
  eventType?: string;
  topic?: string;
  subscription?: string;
}

export interface RoundResult {
  generation: number;
  /** Whether this round published a new generation. */
  changed: boolean;
  /** Event types that are not provisioned, and why. */
  problems: Map<string, ProvisioningProblem>;
  /**
   * Event types that are provisioned, but whose refused events go to the general
   * refused topic for now, and why.
   */
  refusedProblems: Map<string, ProvisioningProblem>;
}

/**
 * One round: makes the broker and the config snapshot match what is declared.
 *
 * Looks at what there is, creates what is missing, and then publishes; it knows
 * nothing of earlier rounds, so any kind of drift is repaired by the next one,
 * and doing a round twice changes nothing.
 *
 * - A type enters the snapshot only after its topic and its subscription exist,
 *   and leaves it when they do not: what a gateway accepts has somewhere to go.
 * - The snapshot names a type's own refused topic only while that and its
 *   subscription exist, and the general one otherwise: what a gateway refuses
 *   has somewhere to go, and never keeps the type from being accepted.
 * - One type that cannot be provisioned does not hold up the others.
 * - When the round as a whole fails, the newest snapshot stays in force.
 *
 * @throws RoundError
 */
export async function reconcile(
  options: ReconcileOptions,
): Promise<RoundResult> {
  const { ledger, pubsub, withdrawals, bucketSeconds, onCreated, labels } =
    options;
  // What is retired or being removed leaves the snapshot; what is on its way is
  // still delivered.
  const eventTypes = (
    await failingAs('event_types_unavailable', () => options.listEventTypes())
  ).filter(
    ({ retiredAt, withdrawal }) =>
      retiredAt === undefined && withdrawal?.removalBeganAt === undefined,
  );
  const existing = await failingAs('broker_unavailable', () =>
    listBrokerResources(pubsub),
  );
  options.onLooked?.(existing);
  const ensure = async (wanted: Wanted) => {
    const created = await ensureResources(pubsub, wanted, existing, labels);
    if (created) {
      await onCreated?.({ eventType: wanted.eventType, ...created });
    }
  };

  await failingAs('broker_unavailable', () =>
    ensure({ topic: REFUSED_TOPIC, subscription: REFUSED_SUBSCRIPTION }),
  );

  const blocked = await failingAs('ledger_unavailable', () =>
    withdrawals.findBlocked(
      eventTypes
        .flatMap(({ name }) => [topicOf(name), refusedTopicOf(name)])
        .filter(topic => !existing.topics.has(topic)),
    ),
  );
  const problems = new Map<string, ProvisioningProblem>();
  const refusedProblems = new Map<string, ProvisioningProblem>();
  await forEachOf(eventTypes, CONCURRENCY, async ({ name }) => {
    const provision = async (wanted: Required<Wanted>) =>
      findProblem(wanted, existing, blocked) ??
      (await ensure(wanted).then(() => undefined, brokerRefused));
    const problem = await provision(wantedOf(name));
    if (problem) {
      problems.set(name, problem);
      return;
    }
    const refusedProblem = await provision(wantedForRefusedOf(name));
    if (refusedProblem) {
      refusedProblems.set(name, refusedProblem);
    }
  });

  const { generation, changed } = await failingAs(
    'ledger_unavailable',
    async () =>
      publishConfigSnapshot(ledger, {
        bucketSeconds,
        eventTypes: eventTypes
          .filter(({ name }) => !problems.has(name))
          .map(eventType =>
            toSnapshotEventType(eventType, {
              hasRefusedTopic: !refusedProblems.has(eventType.name),
              hasRefusedSubscription:
                !refusedProblems.has(eventType.name) ||
                existing.subscriptions.has(
                  refusedSubscriptionOf(eventType.name),
                ),
            }),
          ),
      }),
  );
  withdrawals.published(generation, blocked);
  return { generation, changed, problems, refusedProblems };
}

interface Wanted {
  eventType?: string;
  topic: string;
  subscription: string;
}

function wantedOf(name: string): Required<Wanted> {
  return {
    eventType: name,
    topic: topicOf(name),
    subscription: subscriptionOf(name),
  };
}

function wantedForRefusedOf(name: string): Required<Wanted> {
  return {
    eventType: name,
    topic: refusedTopicOf(name),
    subscription: refusedSubscriptionOf(name),
  };
}

function findProblem(
  wanted: Required<Wanted>,
  existing: BrokerResources,
  blocked: Set<string>,
): ProvisioningProblem | undefined {
  const { topic, subscription } = wanted;
  if (
    existing.subscriptions.has(subscription) &&
    existing.subscriptions.get(subscription) !== topic
  ) {
    return {
      code: 'subscription_detached',
      message: `The topic ${topic} was deleted under its subscription ${subscription}, which may still hold events. When it is empty, delete the subscription; both are then created again.`,
    };
  }
  if (blocked.has(topic)) {
    return {
      code: 'awaiting_gateways',
      message: `The topic ${topic} was lost. It is created again as soon as every gateway has stopped publishing to it, within seconds.`,
    };
  }
  return undefined;
}

/** Topic first, as Pub/Sub demands; see {@link Withdrawals} for the gap. */
async function ensureResources(
  pubsub: PubSub,
  { topic, subscription }: Wanted,
  existing: BrokerResources,
  labels?: Labels,
): Promise<{ topic?: string; subscription?: string } | undefined> {
  const created: { topic?: string; subscription?: string } = {};
  if (!existing.topics.has(topic)) {
    await createTopic(pubsub, topic, labels);
    created.topic = topic;
  }
  if (!existing.subscriptions.has(subscription)) {
    await createSubscription(pubsub, topic, subscription, labels);
    created.subscription = subscription;
  }
  return created.topic || created.subscription ? created : undefined;
}

function brokerRefused(error: unknown): ProvisioningProblem {
  return {
    code: 'broker_refused',
    message: `The broker did not create its topic or subscription: ${describeCause(
      error,
    )}. It is tried again every few seconds.`,
  };
}

function toSnapshotEventType(
  eventType: EventType,
  // Where only the subscription is left, the workers go on emptying it.
  has: { hasRefusedTopic: boolean; hasRefusedSubscription: boolean },
): SnapshotEventType {
  const { name, tier, version, schema, sealingSchema } = eventType;
  const deprecation = deprecationOf(eventType);
  return {
    name,
    tier,
    version,
    schema,
    ...(sealingSchema !== undefined && { sealingSchema }),
    ...(deprecation && {
      deprecation: {
        since: deprecation.since,
        endsOn: deprecation.endsOn,
        successor: deprecation.successor,
      },
    }),
    topic: topicOf(name),
    subscription: subscriptionOf(name),
    refusedTopic: has.hasRefusedTopic ? refusedTopicOf(name) : REFUSED_TOPIC,
    refusedSubscription: has.hasRefusedSubscription
      ? refusedSubscriptionOf(name)
      : REFUSED_SUBSCRIPTION,
  };
}

/**
 * What senders are told. One that is being withdrawn is accepted until its grace
 * is over, and that is then the last day, whatever was said before.
 */
function deprecationOf({
  deprecation,
  withdrawal,
}: EventType): SnapshotEventType['deprecation'] {
  if (!withdrawal) {
    return deprecation;
  }
  const lastDay = withdrawal.endsAt.slice(0, 10);
  const { endsOn, successor } = deprecation ?? {};
  return {
    since: deprecation?.since ?? withdrawal.since,
    endsOn: endsOn !== undefined && endsOn < lastDay ? endsOn : lastDay,
    successor,
  };
}

async function failingAs<T>(
  code: RoundErrorCode,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new RoundError(code, error);
  }
}

async function forEachOf<T>(
  items: T[],
  concurrency: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const item of queue) {
        await run(item);
      }
    }),
  );
}
