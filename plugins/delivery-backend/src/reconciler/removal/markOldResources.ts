import type { PubSub } from '@google-cloud/pubsub';
import { listTypesToMark, noteTypesMarked } from '@millrace/ledger';
import type { Knex } from 'knex';
import {
  type BrokerResources,
  CALL_OPTIONS,
  type Labels,
} from '../brokerResources';
import { resourcesOf } from './deleteResources';
import { isMarked } from './mark';

/** So many event types a round: it happens once, after an upgrade. */
const TYPES_AT_ONCE = 100;

/**
 * Gives topics and subscriptions their mark that this installation made before
 * it marked what it makes. Only those of event types that the ledger knows from
 * that time: what somebody else made under such a name since is not ours.
 *
 * A crash leaves some marked; the next round goes on.
 */
export async function markOldResources(options: {
  ledger: Knex;
  pubsub: PubSub;
  mark: Labels;
  existing: BrokerResources;
}): Promise<void> {
  const { ledger, pubsub, mark, existing } = options;
  const eventTypes = (await listTypesToMark(ledger)).slice(0, TYPES_AT_ONCE);
  if (eventTypes.length === 0) {
    return;
  }
  for (const { kind, name } of eventTypes.flatMap(resourcesOf)) {
    const details =
      kind === 'topic'
        ? existing.topicDetails.get(name)
        : existing.subscriptionDetails.get(name);
    if (!details || isMarked(details.labels, mark)) {
      continue;
    }
    const labels = { ...details.labels, ...mark };
    if (kind === 'topic') {
      await pubsub.topic(name).setMetadata({ labels }, CALL_OPTIONS);
    } else {
      await pubsub.subscription(name).setMetadata({ labels }, CALL_OPTIONS);
    }
  }
  await noteTypesMarked(ledger, { eventTypes });
}
