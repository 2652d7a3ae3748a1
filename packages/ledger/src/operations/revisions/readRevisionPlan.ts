import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Bucket } from '../../types';
import {
  FROZEN_BATCH_COLUMNS,
  FrozenBatch,
  FrozenBatchRow,
  toFrozenBatch,
} from '../sealing/frozenBatch';
import { REVISION_BATCHES_SQL } from './batchesSql';
import { RevisionKind } from './revisionTypes';

/** One revision to be made, with what it is made from. @public */
export interface RevisionToMake {
  bucket: Bucket;
  fromPartitionId: string;
  fromRevision: number;
  toRevision: number;
  /** There from `beginRevision` on. */
  toPartitionId?: string;
  /** `undefined`: no config snapshot has the event type. */
  schemaVersion?: number;
  /** Events that the partition delivers now. */
  deliveredBefore: number;
  /** Why its bucket was closed. */
  decision: unknown;
  /** What the preview found, to be found again. */
  digestAfter?: string;
  batches: FrozenBatch[];
}

/** @public */
export interface RevisionPlan {
  operationId: string;
  eventType: string;
  kind: RevisionKind;
  reason?: string;
  /** In the order in which the partitions were first sealed. */
  revisions: RevisionToMake[];
}

/**
 * What an operation is made from.
 *
 * @public
 */
export async function readRevisionPlan(
  db: Knex,
  options: { operationId: string },
): Promise<RevisionPlan | undefined> {
  const { operationId } = options;
  const [operation] = await queryRows<{
    eventType: string;
    kind: RevisionKind;
    reason: string | null;
  }>(
    db,
    `SELECT event_type AS "eventType", kind, reason
     FROM revision_operations WHERE operation_id = :operationId`,
    { operationId },
  );
  if (!operation) {
    return undefined;
  }
  const changes = await queryRows<{
    bucketStart: Date;
    bucketSeconds: number;
    fromPartitionId: string;
    fromRevision: number;
    toRevision: number;
    toPartitionId: string | null;
    schemaVersion: number | null;
    deliveredBefore: string;
    decision: unknown;
    digestAfter: string | null;
  }>(
    db,
    `SELECT c.bucket_start AS "bucketStart",
       c.bucket_seconds AS "bucketSeconds",
       c.from_partition_id AS "fromPartitionId",
       c.from_revision AS "fromRevision", c.to_revision AS "toRevision",
       c.to_partition_id AS "toPartitionId",
       c.schema_version_after AS "schemaVersion",
       p.delivered AS "deliveredBefore", p.decision,
       c.digest_after AS "digestAfter"
     FROM revision_changes c
     JOIN partitions p ON p.partition_id = c.from_partition_id
     WHERE c.operation_id = :operationId
     ORDER BY p.ids_order, c.bucket_start`,
    { operationId },
  );
  const rows = await queryRows<FrozenBatchRow & { toStart: Date }>(
    db,
    `SELECT b.to_start AS "toStart", ${FROZEN_BATCH_COLUMNS}
     FROM (${REVISION_BATCHES_SQL}) b
     ORDER BY b.staged_file, b.offset_bytes`,
    { operationId },
  );
  const batchesOf = new Map<number, FrozenBatch[]>();
  for (const row of rows) {
    const batches = batchesOf.get(row.toStart.getTime()) ?? [];
    batchesOf.set(row.toStart.getTime(), batches);
    batches.push(toFrozenBatch(row));
  }
  return {
    operationId,
    eventType: operation.eventType,
    kind: operation.kind,
    reason: operation.reason ?? undefined,
    revisions: changes.map(change => ({
      bucket: { start: change.bucketStart, seconds: change.bucketSeconds },
      fromPartitionId: change.fromPartitionId,
      fromRevision: change.fromRevision,
      toRevision: change.toRevision,
      toPartitionId: change.toPartitionId ?? undefined,
      schemaVersion: change.schemaVersion ?? undefined,
      deliveredBefore: Number(change.deliveredBefore),
      decision: change.decision,
      digestAfter: change.digestAfter ?? undefined,
      batches: batchesOf.get(change.bucketStart.getTime()) ?? [],
    })),
  };
}
