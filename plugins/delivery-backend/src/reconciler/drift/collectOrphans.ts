import type { PubSub } from '@google-cloud/pubsub';
import { listOpenRemovals, noteOrphans } from '@millrace/ledger';
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
import type { BrokerResources, Labels } from '../brokerResources';
import { type BrokerThing, deleteMarked, isMarked } from '../removal';
import { isSubscriptionEmpty } from './isSubscriptionEmpty';

/**
 * Lists what carries our mark at the broker and belongs to no event type, and
 * deletes it once it has been so for the whole grace period.
 *
 * Orphans are rare: an instance that was away for long and went on from where it
 * was creates what another one had taken down meanwhile.
 *
 * Guarantees: what is declared, retired or being taken down is none; a
 * subscription with a message on it stays, and is listed; while the registry
 * gives no event type at all, which may be a fault of its own, nothing ages.
 */
export async function collectOrphans(options: {
  ledger: Knex;
  pubsub: PubSub;
  mark: Labels;
  declared: Pick<EventType, 'name'>[];
  existing: BrokerResources;
  graceMs: number;
  /** Told of everything that was deleted. */
  onDeleted?: (orphan: BrokerThing) => Promise<void>;
}): Promise<void> {
  const { ledger, pubsub, mark, declared, existing, graceMs } = options;
  if (declared.length === 0) {
    return;
  }
  const removals = await listOpenRemovals(ledger);
  const names = [
    ...declared.map(({ name }) => name),
    ...removals.map(({ eventType }) => eventType),
  ];
  const orphans = await noteOrphans(ledger, {
    orphans: findOrphans(names, existing, mark),
    oldAfterMs: graceMs,
  });
  const old = orphans.filter(({ isOld }) => isOld);
  // A topic before its subscription, as in a removal.
  const inOrder = [
    ...old.filter(orphan => orphan.kind === 'topic'),
    ...old.filter(orphan => orphan.kind === 'subscription'),
  ];
  for (const { kind, name } of inOrder) {
    const isSafe =
      kind === 'topic' || (await isSubscriptionEmpty(pubsub, name));
    if (
      isSafe &&
      (await deleteMarked(pubsub, { kind, name }, mark)) === 'deleted'
    ) {
      await options.onDeleted?.({ kind, name });
    }
  }
}

function findOrphans(
  eventTypes: string[],
  existing: BrokerResources,
  mark: Labels,
): BrokerThing[] {
  const topics = new Set([
    REFUSED_TOPIC,
    ...eventTypes.flatMap(name => [topicOf(name), refusedTopicOf(name)]),
  ]);
  const subscriptions = new Set([
    REFUSED_SUBSCRIPTION,
    ...eventTypes.flatMap(name => [
      subscriptionOf(name),
      refusedSubscriptionOf(name),
    ]),
  ]);
  const orphansAmong = (
    kind: BrokerThing['kind'],
    details: Map<string, { labels?: Labels | null }>,
    known: Set<string>,
  ) =>
    [...details]
      .filter(
        ([name, { labels }]) => !known.has(name) && isMarked(labels, mark),
      )
      .map(([name]) => ({ kind, name }));
  return [
    ...orphansAmong('topic', existing.topicDetails, topics),
    ...orphansAmong(
      'subscription',
      existing.subscriptionDetails,
      subscriptions,
    ),
  ];
}
