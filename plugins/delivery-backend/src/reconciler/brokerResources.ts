import { isError } from '@backstage/errors';
import type { PubSub } from '@google-cloud/pubsub';

/** Long enough for a worker to stage and record what it holds. */
const ACK_DEADLINE_SECONDS = 60;

/**
 * The longest Pub/Sub offers. What is older it deletes, acknowledged or not, so
 * this is how long the workers may be away before accepted events are lost.
 */
const RETENTION_SECONDS = 31 * 24 * 60 * 60;

/** The loop tries again by itself, so one call does not wait long. */
const CALL_OPTIONS = { timeout: 10_000 };
const PAGE_OPTIONS = { pageSize: 1000, gaxOpts: CALL_OPTIONS };

/** gRPC status of something that is there already. */
const ALREADY_EXISTS = 6;

/** What there is at the broker, under short names. */
export interface BrokerResources {
  topics: Set<string>;
  /** Subscription to its topic; `undefined` when that topic was deleted. */
  subscriptions: Map<string, string | undefined>;
}

/**
 * Looks at all topics and subscriptions of the project: two calls per thousand
 * of them, so it is cheap enough to be done in every round, and drift of any
 * kind is seen in the next one.
 */
export async function listBrokerResources(
  pubsub: PubSub,
): Promise<BrokerResources> {
  const [[topics], [subscriptions]] = await Promise.all([
    pubsub.getTopics(PAGE_OPTIONS),
    pubsub.getSubscriptions(PAGE_OPTIONS),
  ]);
  return {
    topics: new Set(topics.map(topic => shortName(topic.name))),
    subscriptions: new Map(
      subscriptions.map(subscription => {
        const topic = subscription.metadata?.topic ?? '';
        return [
          shortName(subscription.name),
          topic.includes('/topics/') ? shortName(topic) : undefined,
        ];
      }),
    ),
  };
}

/** Creates a topic; one that is there already is fine. */
export async function createTopic(
  pubsub: PubSub,
  topic: string,
): Promise<void> {
  await unlessExists(pubsub.createTopic(topic, CALL_OPTIONS));
}

/** Creates a subscription; one that is there already is fine. */
export async function createSubscription(
  pubsub: PubSub,
  topic: string,
  subscription: string,
): Promise<void> {
  await unlessExists(
    pubsub.createSubscription(topic, subscription, {
      ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
      messageRetentionDuration: { seconds: RETENTION_SECONDS },
      // Without it, Pub/Sub deletes a subscription that nobody used for 31
      // days, and with it what it holds.
      expirationPolicy: {},
      gaxOpts: CALL_OPTIONS,
    }),
  );
}

async function unlessExists(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!isError(error) || error.code !== ALREADY_EXISTS) {
      throw error;
    }
  }
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
