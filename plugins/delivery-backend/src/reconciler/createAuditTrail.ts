import type { AuditorService } from '@backstage/backend-plugin-api';
import type { BrokerThing, RemovedResource } from './removal';
import type { CreatedResources } from './reconcile';

/** Writes what the reconciler created at the broker into the audit log. */
export function createAuditTrail(
  auditor: AuditorService,
): (created: CreatedResources) => Promise<void> {
  return async ({ eventType, topic, subscription }) => {
    const event = await auditor.createEvent({
      eventId: 'broker-resources-create',
      severityLevel: 'low',
      meta: {
        ...(eventType && { eventType }),
        ...(topic && { topic }),
        ...(subscription && { subscription }),
      },
    });
    await event.success();
  };
}

/**
 * Writes what was deleted at the broker into the audit log, and what was found
 * not to be ours and therefore left alone.
 */
export function createRemovalTrail(
  auditor: AuditorService,
): (removed: RemovedResource) => Promise<void> {
  return async ({ eventType, kind, name, outcome }) => {
    const event = await auditor.createEvent({
      eventId: 'broker-resources-delete',
      severityLevel: 'medium',
      meta: { eventType, kind, name, outcome },
    });
    await event.success();
  };
}

/** Writes into the audit log what was deleted because nothing needed it. */
export function createOrphanTrail(
  auditor: AuditorService,
): (orphan: BrokerThing) => Promise<void> {
  return async ({ kind, name }) => {
    const event = await auditor.createEvent({
      eventId: 'broker-resources-delete',
      severityLevel: 'medium',
      meta: { kind, name, outcome: 'deleted', isOrphan: true },
    });
    await event.success();
  };
}
