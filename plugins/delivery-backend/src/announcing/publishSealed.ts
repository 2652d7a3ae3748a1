import type { EventsService } from '@backstage/plugin-events-node';
import type { SealedRevision } from '@millrace/ledger';
import {
  PARTITION_SEALED_TOPIC,
  type PartitionSealed,
} from '@millrace/plugin-delivery-common';
import type { Teller } from './SealedFollower';

/**
 * Publishes each sealed revision on the events service, one after the other: the
 * next one when the service has taken the one before. A subscriber that throws
 * is the service's concern, which logs it; what the service itself refuses is
 * published again.
 */
export function publishSealed(options: { events: EventsService }): Teller {
  const { events } = options;
  return async (revisions, telling) => {
    for (const revision of revisions) {
      await telling.hold();
      const eventPayload = toPartitionSealed(revision);
      await events.publish({
        topic: PARTITION_SEALED_TOPIC,
        eventPayload,
        metadata: {
          eventType: eventPayload.eventType,
          revision: String(eventPayload.revision),
          why: eventPayload.why,
        },
      });
      telling.told(revision);
    }
  };
}

function toPartitionSealed(sealed: SealedRevision): PartitionSealed {
  const { operation, manifestPath, manifestSha256 } = sealed;
  return {
    eventType: sealed.eventType,
    bucketStart: sealed.bucketStart.toISOString(),
    bucketEnd: sealed.bucketEnd.toISOString(),
    revision: sealed.revision,
    replacedRevision: sealed.replacedRevision,
    why: operation?.kind ?? 'sealed',
    reason: operation?.reason,
    operationId: operation?.operationId,
    counts: sealed.counts,
    bytes: sealed.bytes,
    schemaVersion: sealed.schemaVersion,
    manifest:
      manifestPath !== undefined && manifestSha256 !== undefined
        ? { path: manifestPath, sha256: manifestSha256 }
        : undefined,
    sealedAt: sealed.sealedAt.toISOString(),
    sequence: sealed.seq,
  };
}
