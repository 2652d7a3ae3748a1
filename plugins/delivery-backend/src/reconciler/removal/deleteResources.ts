import { isError } from '@backstage/errors';
import type { PubSub } from '@google-cloud/pubsub';
import {
  refusedSubscriptionOf,
  refusedTopicOf,
  subscriptionOf,
  topicOf,
} from '@millrace/schema';
import { CALL_OPTIONS, type Labels } from '../brokerResources';
import { isMarked } from './mark';

/** gRPC status of what is not there, or not any more. */
const NOT_FOUND = 5;

/** Something at the broker. */
export interface BrokerThing {
  kind: 'topic' | 'subscription';
  name: string;
}

/**
 * Everything an event type has at the broker, in the order in which it goes: a
 * topic before its subscription, so that whoever publishes in between is told
 * that there is no topic, instead of being confirmed into nowhere.
 */
export function resourcesOf(eventType: string): BrokerThing[] {
  return [
    { kind: 'topic', name: topicOf(eventType) },
    { kind: 'subscription', name: subscriptionOf(eventType) },
    { kind: 'topic', name: refusedTopicOf(eventType) },
    { kind: 'subscription', name: refusedSubscriptionOf(eventType) },
  ];
}

/**
 * Deletes something at the broker, if it is there and carries the mark of this
 * installation.
 *
 * @returns what became of it; `foreign` is still there
 */
export async function deleteMarked(
  pubsub: PubSub,
  { kind, name }: BrokerThing,
  mark: Labels,
): Promise<'deleted' | 'missing' | 'foreign'> {
  const thing =
    kind === 'topic' ? pubsub.topic(name) : pubsub.subscription(name);
  try {
    const [{ labels }] = await thing.getMetadata(CALL_OPTIONS);
    if (!isMarked(labels, mark)) {
      return 'foreign';
    }
    await thing.delete(CALL_OPTIONS);
    return 'deleted';
  } catch (error) {
    if (isError(error) && error.code === NOT_FOUND) {
      return 'missing';
    }
    throw error;
  }
}
