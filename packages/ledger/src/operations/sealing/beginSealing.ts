import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { Bucket } from '../../types';
import { lockForFreezing } from '../consumer/deliveryLock';
import { assertFencingToken } from '../leases/assertFencingToken';
import {
  FROZEN_BATCH_COLUMNS,
  FrozenBatch,
  FrozenBatchRow,
  toFrozenBatch,
} from './frozenBatch';
import { sealResource } from './sealResource';

/** @public */
export interface BeginSealingOptions {
  eventType: string;
  bucket: Bucket;
  /** Of the lease on `seal:<eventType>`. */
  fencingToken: bigint;
  /** Why the bucket may close: the rule and its inputs, kept as they are. */
  decision: unknown;
}

/** @public */
export interface SealingWork {
  partitionId: string;
  revision: number;
  /** All batches of the partition; several may lie in one file. */
  stagedFiles: FrozenBatch[];
}

/**
 * Starts the sealing of a bucket: from here on its staged set is frozen.
 *
 * Guarantees: under a stale fencing token nothing happens and
 * {@link FencingError} is thrown; the set contains every batch that was
 * recorded as landing in the bucket, and no later one can land in it; called
 * again before the commit (the first sealer died), the same set and partition
 * come back, with the first decision; for a sealed bucket it throws
 * `partition_already_sealed`.
 *
 * @public
 */
export async function beginSealing(
  db: Knex,
  options: BeginSealingOptions,
): Promise<SealingWork> {
  const { eventType, bucket, fencingToken, decision } = options;
  return inTransaction(db, async tx => {
    await assertFencingToken(tx, {
      resource: sealResource(eventType),
      fencingToken,
    });
    await lockForFreezing(tx, eventType);
    const [created] = await queryRows<{ partitionId: string }>(
      tx,
      `INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision)
       VALUES (:eventType, :start, :seconds,
         :start::timestamptz + :seconds * interval '1 second', 1, 'sealing',
         :decision::jsonb)
       ON CONFLICT (event_type, bucket_start, revision) DO NOTHING
       RETURNING partition_id AS "partitionId"`,
      {
        eventType,
        start: bucket.start,
        seconds: bucket.seconds,
        decision: JSON.stringify(decision ?? null),
      },
    );
    if (created) {
      // By start alone: after a change of the bucket length, batches of both
      // lengths may land in buckets that start together.
      await tx.raw(
        `UPDATE staged_batches SET partition_id = :partitionId
         WHERE event_type = :eventType AND landing_start = :start
           AND partition_id IS NULL AND consumed_at IS NULL`,
        {
          partitionId: created.partitionId,
          eventType,
          start: bucket.start,
        },
      );
      return {
        partitionId: created.partitionId,
        revision: 1,
        stagedFiles: await readFrozenBatches(tx, created.partitionId),
      };
    }
    const [existing] = await queryRows<{
      partitionId: string;
      revision: number;
      state: string;
    }>(
      tx,
      `SELECT partition_id AS "partitionId", revision, state FROM partitions
       WHERE event_type = :eventType AND bucket_start = :start
         AND revision = 1`,
      { eventType, start: bucket.start },
    );
    if (existing.state !== 'sealing') {
      throw new LedgerError(
        'partition_already_sealed',
        `Bucket ${bucket.start.toISOString()} of ${eventType} is sealed already`,
      );
    }
    return {
      partitionId: existing.partitionId,
      revision: existing.revision,
      stagedFiles: await readFrozenBatches(tx, existing.partitionId),
    };
  });
}

async function readFrozenBatches(
  tx: Knex.Transaction,
  partitionId: string,
): Promise<FrozenBatch[]> {
  const rows = await queryRows<FrozenBatchRow>(
    tx,
    `SELECT ${FROZEN_BATCH_COLUMNS} FROM staged_batches b
     WHERE b.partition_id = :partitionId
     ORDER BY b.staged_file, b.offset_bytes`,
    { partitionId },
  );
  return rows.map(toFrozenBatch);
}
