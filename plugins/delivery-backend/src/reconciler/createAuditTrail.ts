import type { AuditorService } from '@backstage/backend-plugin-api';
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
