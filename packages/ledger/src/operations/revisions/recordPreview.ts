import { Knex } from 'knex';
import { inTransaction, queryCount } from '../../database/values';
import { LedgerError } from '../../errors';
import { assertFencingToken } from '../leases/assertFencingToken';
import { lockOperation } from './lockOperation';
import { previewResource, RevisionCounts } from './revisionTypes';

/** What a trial of one revision has found. @public */
export interface PreviewedRevision {
  bucketStart: Date;
  counts: RevisionCounts;
  /** Of which events have which fate. */
  digest: string;
}

/**
 * Keeps what a trial has found: from here on it waits for somebody to approve it,
 * for a day.
 *
 * @throws LedgerError with code `revision_moved_on`, FencingError
 * @public
 */
export async function recordPreview(
  db: Knex,
  options: {
    operationId: string;
    eventType: string;
    /** Of the lease on `previewResource`. */
    fencingToken: bigint;
    revisions: PreviewedRevision[];
  },
): Promise<void> {
  const { operationId, eventType, fencingToken, revisions } = options;
  await inTransaction(db, async tx => {
    await assertFencingToken(tx, {
      resource: previewResource(eventType),
      fencingToken,
    });
    await lockOperation(tx, { operationId, states: ['previewing'] });
    const kept = await queryCount(
      tx,
      `UPDATE revision_changes c SET counts_after = r.counts,
         digest_after = r.digest
       FROM jsonb_to_recordset(:revisions::jsonb) AS r (
         "bucketStart" timestamptz, counts jsonb, digest text)
       WHERE c.operation_id = :operationId
         AND c.bucket_start = r."bucketStart"`,
      { operationId, revisions: JSON.stringify(revisions) },
    );
    if (kept !== revisions.length) {
      throw new LedgerError(
        'revision_moved_on',
        `Operation ${operationId} is about other partitions`,
      );
    }
    await tx.raw(
      `UPDATE revision_operations SET state = 'previewed', previewed_at = now(),
         attempts = 0, retry_at = NULL, step = NULL
       WHERE operation_id = :operationId`,
      { operationId },
    );
  });
}
