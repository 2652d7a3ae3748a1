import { type protos } from '@google-cloud/pubsub';
import {
  MAX_ACK_DEADLINE_SECONDS,
  type SubscriptionSettings,
  parseFilter,
} from '../delivery';
import { invalidArgument, unimplemented } from '../errors';
import {
  type DeadLetterPolicy,
  type RetryPolicy,
  type StoredSubscription,
} from '../store';
import {
  DAY_SECONDS,
  durationOf,
  millisecondsOf,
  parseSeconds,
} from './durations';
import { parseResourceName } from './names';
import { RETENTION_RANGE } from './topics';
import { refuseSettings } from './unserved';
import { type UpdateRules } from './updateMask';

type Subscription = protos.google.pubsub.v1.ISubscription;
type Policies = protos.google.pubsub.v1.Subscription;

const DEFAULT_ACK_DEADLINE_SECONDS = 10;
const MIN_ACK_DEADLINE_SECONDS = 10;
const DEFAULT_RETENTION_SECONDS = 7 * DAY_SECONDS;
const DEFAULT_EXPIRATION_SECONDS = 31 * DAY_SECONDS;
const EXPIRATION_RANGE = { min: DAY_SECONDS, max: 365 * DAY_SECONDS };
const DEFAULT_DELIVERY_ATTEMPTS = 5;
const MIN_DELIVERY_ATTEMPTS = 5;
const MAX_DELIVERY_ATTEMPTS = 100;
const DEFAULT_MIN_BACKOFF_MS = 10_000;
const MAX_BACKOFF_MS = 600_000;

const unserved = [
  'bigqueryConfig',
  'bigtableConfig',
  'cloudStorageConfig',
  'analyticsHubSubscriptionInfo',
  'messageTransforms',
  'tags',
] as const;

export const subscriptionUpdateRules: UpdateRules<Subscription> = {
  resource: 'Subscription',
  mutable: [
    'ackDeadlineSeconds',
    'retainAckedMessages',
    'messageRetentionDuration',
    'labels',
    'expirationPolicy',
    'deadLetterPolicy',
    'retryPolicy',
    'enableExactlyOnceDelivery',
    'pushConfig',
  ],
  immutable: [
    'name',
    'topic',
    'enableMessageOrdering',
    'filter',
    'detached',
    'state',
    'topicMessageRetentionDuration',
  ],
  unserved,
};

/**
 * @throws RpcError INVALID_ARGUMENT, or UNIMPLEMENTED for settings the broker
 *   would have to ignore
 */
export function parseSubscription(
  subscription: Subscription,
): SubscriptionSettings {
  refuseSettings('Subscription', subscription, unserved);
  if (subscription.pushConfig?.pushEndpoint) {
    throw unimplemented('Subscription.push_config');
  }
  const filter = subscription.filter ?? '';
  parseFilter(filter);
  const deadLetterPolicy = parseDeadLetterPolicy(subscription.deadLetterPolicy);
  const retryPolicy = parseRetryPolicy(subscription.retryPolicy);
  const expirationTtlSeconds = parseExpiration(subscription.expirationPolicy);
  return {
    name: parseResourceName('subscriptions', subscription.name),
    topic: parseResourceName('topics', subscription.topic),
    ackDeadlineSeconds: parseAckDeadlineSeconds(
      subscription.ackDeadlineSeconds,
    ),
    retentionSeconds: subscription.messageRetentionDuration
      ? parseSeconds(
          'message_retention_duration',
          subscription.messageRetentionDuration,
          RETENTION_RANGE,
        )
      : DEFAULT_RETENTION_SECONDS,
    labels: subscription.labels ?? {},
    ...(subscription.retainAckedMessages && { retainAckedMessages: true }),
    ...(subscription.enableMessageOrdering && { enableMessageOrdering: true }),
    ...(subscription.enableExactlyOnceDelivery && {
      enableExactlyOnceDelivery: true,
    }),
    ...(filter && { filter }),
    ...(deadLetterPolicy && { deadLetterPolicy }),
    ...(retryPolicy && { retryPolicy }),
    ...(expirationTtlSeconds && { expirationTtlSeconds }),
  };
}

/**
 * @returns `seconds`, or 10 where they are left out
 * @throws RpcError INVALID_ARGUMENT outside 10..600
 */
export function parseAckDeadlineSeconds(
  seconds: number | null | undefined,
): number {
  if (!seconds) {
    return DEFAULT_ACK_DEADLINE_SECONDS;
  }
  if (
    seconds < MIN_ACK_DEADLINE_SECONDS ||
    seconds > MAX_ACK_DEADLINE_SECONDS
  ) {
    throw invalidArgument(
      `An ack deadline is ${MIN_ACK_DEADLINE_SECONDS} to ${MAX_ACK_DEADLINE_SECONDS} seconds, not ${seconds}`,
    );
  }
  return seconds;
}

/** A subscription as clients see it. */
export function asSubscription(
  stored: StoredSubscription,
  topicRetentionSeconds: number | undefined,
): Subscription {
  const { deadLetterPolicy, retryPolicy, expirationTtlSeconds } = stored;
  return {
    name: stored.name,
    topic: stored.topic,
    ackDeadlineSeconds: stored.ackDeadlineSeconds,
    messageRetentionDuration: { seconds: stored.retentionSeconds },
    labels: stored.labels,
    pushConfig: {},
    retainAckedMessages: stored.retainAckedMessages ?? false,
    enableMessageOrdering: stored.enableMessageOrdering ?? false,
    enableExactlyOnceDelivery: stored.enableExactlyOnceDelivery ?? false,
    filter: stored.filter ?? '',
    detached: stored.isDetached ?? false,
    // Set without a ttl: the subscription never expires.
    expirationPolicy:
      expirationTtlSeconds === undefined
        ? {}
        : { ttl: { seconds: expirationTtlSeconds } },
    state: 'ACTIVE',
    ...(deadLetterPolicy && { deadLetterPolicy }),
    ...(retryPolicy && {
      retryPolicy: {
        minimumBackoff: durationOf(retryPolicy.minBackoffMs),
        maximumBackoff: durationOf(retryPolicy.maxBackoffMs),
      },
    }),
    ...(topicRetentionSeconds !== undefined && {
      topicMessageRetentionDuration: { seconds: topicRetentionSeconds },
    }),
  };
}

function parseDeadLetterPolicy(
  policy: Policies['deadLetterPolicy'],
): DeadLetterPolicy | undefined {
  if (!policy) {
    return undefined;
  }
  const maxDeliveryAttempts =
    policy.maxDeliveryAttempts || DEFAULT_DELIVERY_ATTEMPTS;
  if (
    maxDeliveryAttempts < MIN_DELIVERY_ATTEMPTS ||
    maxDeliveryAttempts > MAX_DELIVERY_ATTEMPTS
  ) {
    throw invalidArgument(
      `max_delivery_attempts is ${MIN_DELIVERY_ATTEMPTS} to ${MAX_DELIVERY_ATTEMPTS}, not ${maxDeliveryAttempts}`,
    );
  }
  return {
    deadLetterTopic: parseResourceName('topics', policy.deadLetterTopic),
    maxDeliveryAttempts,
  };
}

function parseRetryPolicy(
  policy: Policies['retryPolicy'],
): RetryPolicy | undefined {
  if (!policy) {
    return undefined;
  }
  const minBackoffMs = policy.minimumBackoff
    ? millisecondsOf(policy.minimumBackoff)
    : DEFAULT_MIN_BACKOFF_MS;
  const maxBackoffMs = policy.maximumBackoff
    ? millisecondsOf(policy.maximumBackoff)
    : MAX_BACKOFF_MS;
  if (
    !(minBackoffMs >= 0) ||
    !(maxBackoffMs <= MAX_BACKOFF_MS) ||
    minBackoffMs > maxBackoffMs
  ) {
    throw invalidArgument(
      `A retry policy has 0 <= minimum_backoff <= maximum_backoff <= ${
        MAX_BACKOFF_MS / 1000
      } seconds`,
    );
  }
  return { minBackoffMs, maxBackoffMs };
}

/** @returns nothing for a subscription that never expires */
function parseExpiration(
  policy: Policies['expirationPolicy'],
): number | undefined {
  if (!policy) {
    return DEFAULT_EXPIRATION_SECONDS;
  }
  return policy.ttl
    ? parseSeconds('expiration_policy.ttl', policy.ttl, EXPIRATION_RANGE)
    : undefined;
}
