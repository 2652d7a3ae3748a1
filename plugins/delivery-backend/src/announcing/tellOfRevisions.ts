import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import { getRevision, type RevisionRecord } from '@millrace/ledger';
import type { RevisionKind } from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import type { Teller } from './SealedFollower';

const DONE: Record<RevisionKind, string> = {
  redeliver: 'redelivered',
  reshuffle: 'reshuffled',
  reseal: 'sealed again',
};

/**
 * Tells owners that partitions have a new revision: one notification per
 * operation, however many partitions it has. Told again after a crash it is the
 * same notification, because it has the same scope.
 */
export function tellOfRevisions(options: {
  ledger: Knex;
  notifications: NotificationService;
  logger: LoggerService;
  /** Entity reference of an event type's owner; `undefined` when it is gone. */
  ownersOf: (eventTypes: string[]) => Promise<(string | undefined)[]>;
}): Teller {
  const { ledger, notifications, logger, ownersOf } = options;

  async function tell(operation: RevisionRecord): Promise<void> {
    const { eventType, operationId } = operation;
    const [owner] = await ownersOf([eventType]);
    if (owner === undefined) {
      logger.warn(
        `Nobody is told of the revisions of operation ${operationId}: ${eventType} has no owner any more`,
      );
      return;
    }
    await notifications.send({
      recipients: { type: 'entity', entityRef: [owner] },
      payload: {
        title: titleOf(operation),
        description: describe(operation),
        severity: 'normal',
        topic: 'partition-revised',
        scope: `revision:${operationId}`,
        link: linkOf(operation),
      },
    });
  }

  return async (revisions, telling) => {
    const toldOf = new Set<string>();
    for (const revision of revisions) {
      const operationId = revision.operation?.operationId;
      if (operationId !== undefined && !toldOf.has(operationId)) {
        await telling.hold();
        // The whole of it, wherever a batch of revisions happens to end.
        const operation = await getRevision(ledger, { operationId });
        if (operation) {
          await tell(operation);
        }
        toldOf.add(operationId);
      }
      telling.told(revision);
    }
  };
}

function titleOf({ eventType, changes }: RevisionRecord): string {
  return changes.length === 1
    ? `A partition of ${eventType} has a new revision`
    : `${changes.length} partitions of ${eventType} have a new revision`;
}

/** Which, what was done, by how many events they differ, and why. */
function describe(operation: RevisionRecord): string {
  const { kind, changes, reason } = operation;
  const starts = changes.map(({ bucketStart }) => bucketStart.toISOString());
  const which =
    starts.length === 1
      ? `The one of ${starts[0]} was`
      : `Those from ${starts[0]} to ${starts[starts.length - 1]} were`;
  const difference = changes.reduce(
    (sum, { before, after }) =>
      sum + ((after?.delivered ?? before.delivered) - before.delivered),
    0,
  );
  const sign = difference > 0 ? '+' : '';
  const delivered =
    difference === 0
      ? 'as many events are delivered as before'
      : `${sign}${difference.toLocaleString('en-US')} events delivered`;
  return `${which} ${DONE[kind]}: ${delivered}. Why: ${
    reason ?? 'not said'
  }. Jobs that have read them should read them again.`;
}

function linkOf({ eventType, changes }: RevisionRecord): string {
  const page = `/catalog/default/eventtype/${encodeURIComponent(
    eventType,
  )}/delivery`;
  return changes.length === 1
    ? `${page}?${new URLSearchParams({
        partition: changes[0].bucketStart.toISOString(),
      })}`
    : page;
}
