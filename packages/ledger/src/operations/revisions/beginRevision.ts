import { Knex } from 'knex';
import { inTransaction } from '../../database/values';
import { assertFencingToken } from '../leases/assertFencingToken';
import { sealResource } from '../sealing/sealResource';
import { findStaleness } from './findStaleness';
import { lockOperation } from './lockOperation';

/** @public */
export type BegunRevision =
  /** The operation is no longer about what was asked, in words. */
  { stale: string } | { stale?: undefined };

/**
 * Gives the revisions of an approved operation their rows, in state `sealing`:
 * the books of a sealing are written beside them and count when they are sealed.
 * Readers, and the sealing of buckets, go on with the revisions there are.
 *
 * Called again by every attempt, it changes nothing.
 *
 * @throws LedgerError with code `revision_moved_on`, FencingError
 * @public
 */
export async function beginRevision(
  db: Knex,
  options: {
    operationId: string;
    /** Of the lease on `sealResource`. */
    fencingToken: bigint;
  },
): Promise<BegunRevision> {
  const { operationId, fencingToken } = options;
  return inTransaction(db, async tx => {
    const { eventType, isPrepared } = await lockOperation(tx, {
      operationId,
      states: ['running'],
    });
    await assertFencingToken(tx, {
      resource: sealResource(eventType),
      fencingToken,
    });
    const stale = isPrepared
      ? undefined
      : await findStaleness(tx, { operationId });
    if (stale) {
      return { stale };
    }
    await tx.raw(
      `INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision, operation_id)
       SELECT c.event_type, c.bucket_start, c.bucket_seconds,
         p.bucket_end, c.to_revision, 'sealing', p.decision, c.operation_id
       FROM revision_changes c
       JOIN partitions p ON p.partition_id = c.from_partition_id
       WHERE c.operation_id = :operationId AND c.to_partition_id IS NULL`,
      { operationId },
    );
    await tx.raw(
      `UPDATE revision_changes c SET to_partition_id = p.partition_id
       FROM partitions p
       WHERE c.operation_id = :operationId AND c.to_partition_id IS NULL
         AND p.event_type = c.event_type AND p.bucket_start = c.bucket_start
         AND p.revision = c.to_revision AND p.operation_id = c.operation_id`,
      { operationId },
    );
    await tx.raw(
      `UPDATE revision_operations SET begun_at = coalesce(begun_at, now())
       WHERE operation_id = :operationId`,
      { operationId },
    );
    return {};
  });
}
