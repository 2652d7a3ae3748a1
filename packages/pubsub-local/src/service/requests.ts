import { type protos } from '@google-cloud/pubsub';
import { type NewMessage, MAX_ACK_DEADLINE_SECONDS } from '../delivery';
import { invalidArgument, unimplemented } from '../errors';
import { parseResourceName } from './names';

type Subscription = protos.google.pubsub.v1.ISubscription;
type Topic = protos.google.pubsub.v1.ITopic;

const DEFAULT_ACK_DEADLINE_SECONDS = 10;
const MIN_ACK_DEADLINE_SECONDS = 10;
const DEFAULT_RETENTION_SECONDS = 7 * 86_400;
const MIN_RETENTION_SECONDS = 600;
const MAX_RETENTION_SECONDS = 31 * 86_400;
const MAX_MESSAGES_PER_PUBLISH = 1000;
const MAX_MESSAGE_BYTES = 10 * 2 ** 20;
const MAX_ATTRIBUTES = 100;
const MAX_ATTRIBUTE_KEY_BYTES = 256;
const MAX_ATTRIBUTE_VALUE_BYTES = 1024;
const MAX_ORDERING_KEY_BYTES = 1024;

/** Settings of a subscription the broker keeps to. */
export interface SubscriptionSettings {
  ackDeadlineSeconds: number;
  retentionSeconds: number;
  labels: Record<string, string>;
}

/**
 * @throws RpcError INVALID_ARGUMENT, or UNIMPLEMENTED for settings the broker
 *   would have to ignore
 */
export function parseTopic(topic: Topic): {
  name: string;
  labels: Record<string, string>;
} {
  const refused: (keyof Topic)[] = [
    'messageStoragePolicy',
    'kmsKeyName',
    'schemaSettings',
    'messageRetentionDuration',
    'ingestionDataSourceSettings',
  ];
  refuseSettings('Topic', topic, refused);
  return {
    name: parseResourceName('topics', topic.name),
    labels: topic.labels ?? {},
  };
}

/** @throws RpcError as {@link parseTopic} */
export function parseSubscription(
  subscription: Subscription,
): SubscriptionSettings & { name: string; topic: string } {
  const refused: (keyof Subscription)[] = [
    'bigqueryConfig',
    'cloudStorageConfig',
    'retainAckedMessages',
    'enableMessageOrdering',
    'filter',
    'deadLetterPolicy',
    'retryPolicy',
    'detached',
    'enableExactlyOnceDelivery',
    'messageTransforms',
  ];
  refuseSettings('Subscription', subscription, refused);
  if (subscription.pushConfig?.pushEndpoint) {
    throw unimplemented('Subscription.push_config');
  }
  if (subscription.expirationPolicy?.ttl) {
    throw unimplemented('Subscription.expiration_policy.ttl');
  }
  return {
    name: parseResourceName('subscriptions', subscription.name),
    topic: parseResourceName('topics', subscription.topic),
    ...parseSubscriptionSettings(subscription),
  };
}

/** @throws RpcError INVALID_ARGUMENT */
export function parseSubscriptionSettings(
  subscription: Subscription,
): SubscriptionSettings {
  return {
    ackDeadlineSeconds: parseAckDeadlineSeconds(
      subscription.ackDeadlineSeconds,
    ),
    retentionSeconds: parseRetentionSeconds(
      subscription.messageRetentionDuration,
    ),
    labels: subscription.labels ?? {},
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

function parseRetentionSeconds(
  duration: protos.google.protobuf.IDuration | null | undefined,
): number {
  if (!duration) {
    return DEFAULT_RETENTION_SECONDS;
  }
  const seconds = Number(duration.seconds ?? 0);
  if (seconds < MIN_RETENTION_SECONDS || seconds > MAX_RETENTION_SECONDS) {
    throw invalidArgument(
      `message_retention_duration is ${MIN_RETENTION_SECONDS} to ${MAX_RETENTION_SECONDS} seconds, not ${seconds}`,
    );
  }
  return seconds;
}

/**
 * Checks the messages of one Publish call against Pub/Sub's limits.
 *
 * @throws RpcError INVALID_ARGUMENT
 */
export function parseMessages(
  messages: protos.google.pubsub.v1.IPubsubMessage[] | null | undefined,
): NewMessage[] {
  if (!messages?.length || messages.length > MAX_MESSAGES_PER_PUBLISH) {
    throw invalidArgument(
      `A publish request has 1 to ${MAX_MESSAGES_PER_PUBLISH} messages, not ${
        messages?.length ?? 0
      }`,
    );
  }
  return messages.map(({ data, attributes, orderingKey }) => {
    const body = Buffer.isBuffer(data) ? data : Buffer.alloc(0);
    if (body.length > MAX_MESSAGE_BYTES) {
      throw invalidArgument(
        `A message has at most ${MAX_MESSAGE_BYTES} bytes, not ${body.length}`,
      );
    }
    const entries = Object.entries(attributes ?? {});
    if (body.length === 0 && entries.length === 0) {
      throw invalidArgument('A message needs data or at least one attribute');
    }
    checkAttributes(entries);
    if (Buffer.byteLength(orderingKey ?? '') > MAX_ORDERING_KEY_BYTES) {
      throw invalidArgument(
        `An ordering key has at most ${MAX_ORDERING_KEY_BYTES} bytes`,
      );
    }
    return {
      body,
      attributes: attributes ?? {},
      ...(orderingKey && { orderingKey }),
    };
  });
}

function checkAttributes(entries: [string, string][]): void {
  if (entries.length > MAX_ATTRIBUTES) {
    throw invalidArgument(`A message has at most ${MAX_ATTRIBUTES} attributes`);
  }
  for (const [key, value] of entries) {
    if (
      key === '' ||
      key.startsWith('goog') ||
      Buffer.byteLength(key) > MAX_ATTRIBUTE_KEY_BYTES ||
      Buffer.byteLength(value) > MAX_ATTRIBUTE_VALUE_BYTES
    ) {
      throw invalidArgument(
        `An attribute has a key of 1 to ${MAX_ATTRIBUTE_KEY_BYTES} bytes that does not begin with goog, and a value of at most ${MAX_ATTRIBUTE_VALUE_BYTES} bytes`,
      );
    }
  }
}

/**
 * The fields an update names, in camel case.
 *
 * @throws RpcError INVALID_ARGUMENT without any, UNIMPLEMENTED for others than
 *   `allowed`
 */
export function parseUpdateMask<Field extends string>(
  mask: protos.google.protobuf.IFieldMask | null | undefined,
  allowed: readonly Field[],
): Set<Field> {
  const fields = (mask?.paths ?? []).map(path =>
    path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
  if (fields.length === 0) {
    throw invalidArgument('update_mask must name at least one field');
  }
  return new Set(
    fields.map(field => {
      const known = allowed.find(each => each === field);
      if (!known) {
        throw unimplemented(`Updating ${field}`);
      }
      return known;
    }),
  );
}

function refuseSettings<T extends object>(
  what: string,
  resource: T,
  fields: (keyof T & string)[],
): void {
  for (const field of fields) {
    const value: unknown = resource[field];
    if (Array.isArray(value) ? value.length > 0 : Boolean(value)) {
      throw unimplemented(`${what}.${field}`);
    }
  }
}
