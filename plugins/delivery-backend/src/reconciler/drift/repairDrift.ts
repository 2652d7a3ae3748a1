import type { PubSub } from '@google-cloud/pubsub';
import {
  type DriftRepair,
  readMilestones,
  recordDriftRepairs,
} from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import {
  type BrokerResources,
  CALL_OPTIONS,
  SUBSCRIPTION_SETTINGS,
} from '../brokerResources';
import type { CreatedResources } from '../reconcile';
import { findDrift } from './findDrift';

/**
 * Puts back what somebody has changed at the broker, and keeps that it was: what
 * was deleted has been created again by the round already, and settings are set
 * here. Each repair is noted once it is done; a crash in between leaves it
 * repaired and unnoted.
 */
export async function repairDrift(options: {
  ledger: Knex;
  pubsub: PubSub;
  declared: Pick<EventType, 'name'>[];
  existing: BrokerResources;
  /** What the round has created. */
  created: CreatedResources[];
  /** When the round began, by the ledger's clock. */
  roundBeganAt: Date;
}): Promise<void> {
  const { ledger, pubsub, declared, existing, roundBeganAt } = options;
  const repairs = await findRecreated(options);
  for (const { eventType, name, differences } of findDrift(
    declared,
    existing,
  )) {
    await pubsub
      .subscription(name)
      .setMetadata({ ...SUBSCRIPTION_SETTINGS }, CALL_OPTIONS);
    repairs.push({
      eventType,
      kind: 'subscription',
      name,
      drift: 'changed',
      message: `Somebody had changed the subscription: ${differences.join(
        '; ',
      )}. It was set as before.`,
      foundAt: roundBeganAt,
    });
  }
  if (repairs.length > 0) {
    await recordDriftRepairs(ledger, repairs);
  }
}

/** Of what was created, what had been there before. */
async function findRecreated(options: {
  ledger: Knex;
  created: CreatedResources[];
  roundBeganAt: Date;
}): Promise<DriftRepair[]> {
  const { ledger, created, roundBeganAt } = options;
  const eventTypes = created.flatMap(({ eventType }) => eventType ?? []);
  if (eventTypes.length === 0) {
    return [];
  }
  const provisioned = await readMilestones(ledger, { eventTypes });
  const known = new Set(
    provisioned
      .filter(
        ({ provisionedAt }) => provisionedAt && provisionedAt < roundBeganAt,
      )
      .map(({ eventType }) => eventType),
  );
  return created.flatMap(({ eventType, topic, subscription }) =>
    eventType !== undefined && known.has(eventType)
      ? [
          ...(topic
            ? [recreated(eventType, 'topic', topic, roundBeganAt)]
            : []),
          ...(subscription
            ? [recreated(eventType, 'subscription', subscription, roundBeganAt)]
            : []),
        ]
      : [],
  );
}

function recreated(
  eventType: string,
  kind: 'topic' | 'subscription',
  name: string,
  foundAt: Date,
): DriftRepair {
  return {
    eventType,
    kind,
    name,
    drift: 'deleted',
    message:
      kind === 'topic'
        ? 'The topic had been deleted and was created again.'
        : 'The subscription had been deleted, with whatever was on it, and was created again.',
    foundAt,
  };
}
