import { Knex } from 'knex';
import { inTransaction, queryCount, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { BATCHES_DIGEST_SQL, REVISION_BATCHES_SQL } from './batchesSql';
import { getRevision } from './getRevision';
import { lockRevisions } from './lockRevisions';
import { notifyRevisions } from './notifyRevisions';
import { RevisionKind, RevisionRecord } from './revisionTypes';

/** @public */
export interface RequestRevisionOptions {
  /** A UUID. Asking again with the same one gives the same operation. */
  operationId: string;
  eventType: string;
  kind: RevisionKind;
  /**
   * Starts of buckets. A reshuffle takes home every late batch that was received
   * in one of them or lies in the partition of one.
   */
  buckets: Date[];
  requestedBy: string;
  now: Date;
}

/**
 * Asks for partitions to be made again. Nothing is made yet: a worker tries it
 * out first, and somebody approves what comes of it.
 *
 * Guarantees, in one transaction: which partitions and batches it is about is
 * settled here and does not change; every partition is sealed
 * (`partition_not_sealed`), everything it was sealed from is kept
 * (`staged_files_gone`) and stays kept until the operation is over; no other open
 * operation is about one of them (`revision_in_progress`). A reshuffle that would
 * move nothing is refused (`nothing_to_reshuffle`).
 *
 * @public
 */
export async function requestRevision(
  db: Knex,
  options: RequestRevisionOptions,
): Promise<RevisionRecord> {
  const { operationId, eventType, kind } = options;
  return inTransaction(db, async tx => {
    await lockRevisions(tx, eventType);
    const known = await getRevision(tx, { operationId });
    if (known) {
      return known;
    }
    await tx.raw(
      `INSERT INTO revision_operations (operation_id, event_type, kind, state,
         buckets, requested_by, requested_at, step, done, total)
       VALUES (:operationId, :eventType, :kind, 'previewing',
         :buckets::timestamptz[], :requestedBy, :now, 'waiting', 0, 0)`,
      { ...options, buckets: distinct(options.buckets) },
    );
    await assertSealed(tx, options);
    if (kind === 'reshuffle') {
      await chooseMoves(tx, options);
    }
    await chooseChanges(tx, options);
    await countBatches(tx, options);
    await assertKept(tx, options);
    await assertAlone(tx, options);
    await notifyRevisions(tx, operationId);
    const requested = await getRevision(tx, { operationId });
    if (!requested) {
      throw new Error('The operation was not kept');
    }
    return requested;
  });
}

function distinct(buckets: Date[]): Date[] {
  return [...new Set(buckets.map(bucket => bucket.getTime()))]
    .sort((a, b) => a - b)
    .map(time => new Date(time));
}

async function assertSealed(
  tx: Knex.Transaction,
  { operationId, eventType }: RequestRevisionOptions,
): Promise<void> {
  const [unsealed] = await queryRows<{ bucketStart: Date }>(
    tx,
    `SELECT b AS "bucketStart" FROM revision_operations o, unnest(o.buckets) AS b
     WHERE o.operation_id = :operationId AND NOT EXISTS (
       SELECT FROM partitions p
       WHERE p.event_type = o.event_type AND p.bucket_start = b
         AND p.state = 'sealed' AND p.superseded_at IS NULL)
     ORDER BY b LIMIT 1`,
    { operationId },
  );
  if (unsealed) {
    throw new LedgerError(
      'partition_not_sealed',
      `Bucket ${unsealed.bucketStart.toISOString()} of ${eventType} has no sealed partition that could be made again`,
    );
  }
}

/**
 * A batch that came late, and whose own bucket has a sealed partition of the same
 * length to go to.
 */
async function chooseMoves(
  tx: Knex.Transaction,
  { operationId, eventType }: RequestRevisionOptions,
): Promise<void> {
  const moved = await queryCount(
    tx,
    `WITH asked AS (
       SELECT unnest(buckets) AS bucket_start FROM revision_operations
       WHERE operation_id = :operationId
     ),
     live AS (
       SELECT partition_id, bucket_start, bucket_seconds FROM partitions
       WHERE event_type = :eventType AND state = 'sealed'
         AND superseded_at IS NULL
     ),
     candidate AS (
       SELECT s.* FROM asked a JOIN staged_batches s
         ON s.event_type = :eventType AND s.bucket_start = a.bucket_start
       UNION
       SELECT s.* FROM asked a JOIN live USING (bucket_start)
         JOIN staged_batches s USING (partition_id)
     )
     INSERT INTO revision_moves
       (operation_id, event_type, bucket_start, gateway, epoch, batch)
     SELECT :operationId, s.event_type, s.bucket_start, s.gateway, s.epoch,
       s.batch
     FROM candidate s
     JOIN live here ON here.partition_id = s.partition_id
     JOIN live home ON home.bucket_start = s.bucket_start
       AND home.bucket_seconds = s.bucket_seconds
     WHERE here.partition_id <> home.partition_id
       AND s.consumed_at IS NOT NULL`,
    { operationId, eventType },
  );
  if (moved === 0) {
    throw new LedgerError(
      'nothing_to_reshuffle',
      `Every batch of the given buckets of ${eventType} lies in the partition of the bucket it was received in`,
    );
  }
}

async function chooseChanges(
  tx: Knex.Transaction,
  options: RequestRevisionOptions,
): Promise<void> {
  await tx.raw(
    `WITH newest AS (
       SELECT (t.value ->> 'version')::integer AS version
       FROM (
         SELECT content FROM config_snapshots
         WHERE content->'eventTypes' @> jsonb_build_array(
           jsonb_build_object('name', :eventType::text))
         ORDER BY generation DESC LIMIT 1
       ) AS s, jsonb_array_elements(s.content->'eventTypes') AS t (value)
       WHERE t.value ->> 'name' = :eventType
     ),
     live AS (
       SELECT * FROM partitions
       WHERE event_type = :eventType AND state = 'sealed'
         AND superseded_at IS NULL
     ),
     move AS (
       SELECT DISTINCT m.bucket_start AS home_start,
         here.bucket_start AS here_start, here.schema_version
       FROM revision_moves m JOIN staged_batches s
         USING (event_type, bucket_start, gateway, epoch, batch)
       JOIN live here ON here.partition_id = s.partition_id
       WHERE m.operation_id = :operationId
     ),
     touched AS (
       SELECT unnest(buckets) AS bucket_start FROM revision_operations
       WHERE operation_id = :operationId AND kind <> 'reshuffle'
       UNION SELECT home_start FROM move
       UNION SELECT here_start FROM move
     )
     INSERT INTO revision_changes (operation_id, event_type, bucket_start,
       bucket_seconds, from_partition_id, from_revision, to_revision, source,
       batches, batches_in, batches_out, batches_digest,
       schema_version_before, schema_version_after, counts_before)
     SELECT :operationId, p.event_type, p.bucket_start, p.bucket_seconds,
       p.partition_id, p.revision,
       1 + greatest(
         (SELECT max(r.revision) FROM partitions r
          WHERE r.event_type = p.event_type
            AND r.bucket_start = p.bucket_start),
         -- Of those that came to nothing the lake may hold files.
         (SELECT max(r.to_revision) FROM revision_changes r
          JOIN revision_operations o USING (operation_id)
          WHERE r.event_type = p.event_type
            AND r.bucket_start = p.bucket_start AND o.begun_at IS NOT NULL)),
       'staged', 0, 0, 0, '', p.schema_version,
       -- Events that come from a partition of a newer version need its columns.
       CASE WHEN :kind = 'reseal' THEN (SELECT version FROM newest)
         ELSE greatest(
           coalesce(p.schema_version, (SELECT version FROM newest)),
           (SELECT max(m.schema_version) FROM move m
            WHERE m.home_start = p.bucket_start)) END,
       jsonb_build_object('accepted', p.accepted, 'delivered', p.delivered,
         'duplicates', p.duplicates, 'refused', p.refused,
         'conflicts', p.conflicts, 'skewed', p.skewed, 'bytes', p.bytes)
     FROM touched JOIN live p USING (bucket_start)`,
    {
      operationId: options.operationId,
      eventType: options.eventType,
      kind: options.kind,
    },
  );
}

async function countBatches(
  tx: Knex.Transaction,
  { operationId }: RequestRevisionOptions,
): Promise<void> {
  await tx.raw(
    `WITH made AS (
       SELECT b.to_start, count(*) AS batches, ${BATCHES_DIGEST_SQL} AS digest
       FROM (${REVISION_BATCHES_SQL}) b GROUP BY b.to_start
     ),
     move AS (
       SELECT m.bucket_start AS home_start, here.bucket_start AS here_start
       FROM revision_moves m JOIN staged_batches s
         USING (event_type, bucket_start, gateway, epoch, batch)
       JOIN partitions here ON here.partition_id = s.partition_id
       WHERE m.operation_id = :operationId
     )
     UPDATE revision_changes c SET batches = coalesce(n.batches, 0),
       batches_digest = coalesce(n.digest, encode(sha256(''), 'hex')),
       batches_in = (SELECT count(*) FROM move m
                     WHERE m.home_start = c.bucket_start),
       batches_out = (SELECT count(*) FROM move m
                      WHERE m.here_start = c.bucket_start)
     FROM revision_changes o LEFT JOIN made n ON n.to_start = o.bucket_start
     WHERE c.operation_id = :operationId AND o.operation_id = c.operation_id
       AND o.bucket_start = c.bucket_start`,
    { operationId },
  );
}

/** Batches are forgotten 31 days after sealing, staged files much earlier. */
async function assertKept(
  tx: Knex.Transaction,
  { operationId, eventType }: RequestRevisionOptions,
): Promise<void> {
  const [gone] = await queryRows<{ bucketStart: Date }>(
    tx,
    `SELECT c.bucket_start AS "bucketStart" FROM revision_changes c
     JOIN partitions p ON p.partition_id = c.from_partition_id
     WHERE c.operation_id = :operationId AND p.accepted > 0 AND (
       p.staged_removed_at IS NOT NULL OR p.accepted <> (
         SELECT coalesce(sum(s.events), 0) FROM staged_batches s
         WHERE s.partition_id = p.partition_id))
     ORDER BY c.bucket_start LIMIT 1`,
    { operationId },
  );
  if (gone) {
    throw new LedgerError(
      'staged_files_gone',
      `The staged files from which bucket ${gone.bucketStart.toISOString()} of ${eventType} was sealed are not kept any more`,
    );
  }
}

async function assertAlone(
  tx: Knex.Transaction,
  { operationId, eventType }: RequestRevisionOptions,
): Promise<void> {
  const [other] = await queryRows<{ operationId: string; bucketStart: Date }>(
    tx,
    `SELECT o.operation_id AS "operationId", c.bucket_start AS "bucketStart"
     FROM revision_changes own
     JOIN revision_changes c ON c.event_type = own.event_type
       AND c.bucket_start = own.bucket_start
       AND c.operation_id <> own.operation_id
     JOIN revision_operations o ON o.operation_id = c.operation_id
     WHERE own.operation_id = :operationId
       AND o.state IN ('previewing', 'previewed', 'running')
     ORDER BY c.bucket_start LIMIT 1`,
    { operationId },
  );
  if (other) {
    throw new LedgerError(
      'revision_in_progress',
      `Bucket ${other.bucketStart.toISOString()} of ${eventType} is part of operation ${
        other.operationId
      }, which is not over yet`,
    );
  }
}
