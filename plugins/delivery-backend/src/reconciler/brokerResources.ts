import { isError } from '@backstage/errors';
import type { protos, PubSub } from '@google-cloud/pubsub';

/** Long enough for a worker to stage and record what it holds. */
const ACK_DEADLINE_SECONDS = 60;

/**
 * The longest Pub/Sub offers. What is older it deletes, acknowledged or not, so
 * this is how long the workers may be away before accepted events are lost.
 */
const RETENTION_SECONDS = 31 * 24 * 60 * 60;

/** How a subscription of the workers is to be. */
export const SUBSCRIPTION_SETTINGS = {
  ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
  messageRetentionDuration: { seconds: RETENTION_SECONDS },
  // Without it, Pub/Sub deletes a subscription that nobody used for 31 days, and
  // with it what it holds.
  expirationPolicy: {},
};

/** The loop tries again by itself, so one call does not wait long. */
export const CALL_OPTIONS = { timeout: 10_000 };
/** The most that Pub/Sub gives at once. */
const PAGE_SIZE = 1000;

/** gRPC status of something that is there already. */
const ALREADY_EXISTS = 6;

/** What the reconciler makes is told by these from what it does not. */
export interface Labels {
  [label: string]: string;
}

/** What there is at the broker, under short names. */
export interface BrokerResources {
  topics: Set<string>;
  /** Subscription to its topic; `undefined` when that topic was deleted. */
  subscriptions: Map<string, string | undefined>;
  /** What the broker says of each, for those who look closer. */
  topicDetails: Map<string, TopicDetails>;
  subscriptionDetails: Map<string, SubscriptionDetails>;
}

/** What of a topic may have been changed by hand. */
export type TopicDetails = Pick<protos.google.pubsub.v1.ITopic, 'labels'>;

/** What of a subscription may have been changed by hand. */
export type SubscriptionDetails = Pick<
  protos.google.pubsub.v1.ISubscription,
  | 'labels'
  | 'ackDeadlineSeconds'
  | 'messageRetentionDuration'
  | 'expirationPolicy'
  | 'detached'
>;

/**
 * Looks at all topics and subscriptions of the project: two calls per thousand
 * of them, so it is cheap enough to be done in every round, and drift of any
 * kind is seen in the next one.
 */
export async function listBrokerResources(
  pubsub: PubSub,
  { pageSize = PAGE_SIZE }: { pageSize?: number } = {},
): Promise<BrokerResources> {
  const [topics, subscriptions] = await Promise.all([
    listAll(async pageToken => {
      const [items, , response] = await pubsub.getTopics(
        pageOptions(pageSize, pageToken),
      );
      return { items, nextPageToken: response?.nextPageToken };
    }),
    listAll(async pageToken => {
      const [items, , response] = await pubsub.getSubscriptions(
        pageOptions(pageSize, pageToken),
      );
      return { items, nextPageToken: response?.nextPageToken };
    }),
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
    topicDetails: new Map(
      topics.map(({ name, metadata }) => [shortName(name), metadata ?? {}]),
    ),
    subscriptionDetails: new Map(
      subscriptions.map(({ name, metadata }) => [
        shortName(name),
        metadata ?? {},
      ]),
    ),
  };
}

function pageOptions(pageSize: number, pageToken: string | undefined) {
  return { pageSize, pageToken, gaxOpts: CALL_OPTIONS };
}

/**
 * The client takes a page size for the most that is wanted at all and gives one
 * page, so the next ones have to be asked for.
 */
async function listAll<Item>(
  readPage: (
    pageToken: string | undefined,
  ) => Promise<{ items: Item[]; nextPageToken?: string | null }>,
): Promise<Item[]> {
  const all: Item[] = [];
  let pageToken: string | undefined;
  do {
    const { items, nextPageToken } = await readPage(pageToken);
    all.push(...items);
    pageToken = nextPageToken || undefined;
  } while (pageToken !== undefined);
  return all;
}

/** Creates a topic; one that is there already is fine. */
export async function createTopic(
  pubsub: PubSub,
  topic: string,
  labels: Labels = {},
): Promise<void> {
  await unlessExists(pubsub.createTopic({ name: topic, labels }, CALL_OPTIONS));
}

/** Creates a subscription; one that is there already is fine. */
export async function createSubscription(
  pubsub: PubSub,
  topic: string,
  subscription: string,
  labels: Labels = {},
): Promise<void> {
  await unlessExists(
    pubsub.createSubscription(topic, subscription, {
      ...SUBSCRIPTION_SETTINGS,
      labels,
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
