import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { PartitionCounts } from '../../types';
import { RevisionKind } from './revisionTypes';

/** More than are sealed between two looks; the rest has its turn next time. */
const NUMBERED_AT_ONCE = 10_000;

/** A sealed revision in the order of commits. @public */
export interface SealedRevision {
  /** Its place in the order: a decimal number of any length. */
  seq: string;
  partitionId: string;
  eventType: string;
  bucketStart: Date;
  bucketSeconds: number;
  bucketEnd: Date;
  revision: number;
  /** The revision of the bucket that it took the place of. */
  replacedRevision?: number;
  /** Of later revisions. */
  operation?: { operationId: string; kind: RevisionKind; reason: string };
  counts: PartitionCounts;
  bytes: number;
  schemaVersion?: number;
  manifestPath?: string;
  manifestSha256?: string;
  sealedAt: Date;
}

/**
 * The revisions that were sealed after a place in the order of commits, oldest
 * first.
 *
 * Guarantees: whoever goes on from the last `seq` of each answer sees every
 * revision once, and those of one event type in the order they were sealed.
 * Numbers from a sequence could not promise that: one that is taken first may
 * become visible last, when a reader is past it. So the numbers are given here,
 * to what is visible by then, by one caller at a time; sealing neither waits for
 * it nor knows of it.
 *
 * @public
 */
export async function listSealedSince(
  db: Knex,
  options: { afterSeq: string; limit: number },
): Promise<SealedRevision[]> {
  await numberSealed(db);
  return queryRows<SealedRevision>(
    db,
    `SELECT p.commit_seq::text AS seq, p.partition_id AS "partitionId",
       p.event_type AS "eventType", p.bucket_start AS "bucketStart",
       p.bucket_seconds AS "bucketSeconds", p.bucket_end AS "bucketEnd",
       p.revision, c.from_revision AS "replacedRevision",
       CASE WHEN o.operation_id IS NOT NULL THEN jsonb_build_object(
         'operationId', o.operation_id, 'kind', o.kind, 'reason', o.reason)
       END AS operation,
       jsonb_build_object('accepted', p.accepted, 'delivered', p.delivered,
         'duplicates', p.duplicates, 'refused', p.refused,
         'conflicts', p.conflicts, 'skewed', p.skewed) AS counts,
       p.bytes::float8 AS bytes, p.schema_version AS "schemaVersion",
       p.manifest_path AS "manifestPath",
       p.manifest_sha256 AS "manifestSha256", p.sealed_at AS "sealedAt"
     FROM partitions p
     LEFT JOIN revision_operations o ON o.operation_id = p.operation_id
     LEFT JOIN revision_changes c ON c.to_partition_id = p.partition_id
     WHERE p.commit_seq > :afterSeq::bigint
     ORDER BY p.commit_seq LIMIT :limit`,
    options,
  ).then(rows => rows.map(withoutNulls));
}

/**
 * The end of the order: the `seq` of the newest revision, `0` when there is none.
 * Where a reader begins who does not want the past.
 *
 * @public
 */
export async function readLastSealed(db: Knex): Promise<string> {
  await numberSealed(db);
  const [{ seq }] = await queryRows<{ seq: string }>(
    db,
    `SELECT coalesce(max(commit_seq), 0)::text AS seq FROM partitions`,
  );
  return seq;
}

/** Within an event type the order of commits is that of `commit_order`. */
async function numberSealed(db: Knex): Promise<void> {
  await inTransaction(db, async tx => {
    await tx.raw(
      `SELECT pg_advisory_xact_lock(hashtext('partition_commit_seq'))`,
    );
    await tx.raw(
      `UPDATE partitions p SET commit_seq = n.seq
       FROM (
         SELECT partition_id, row_number() OVER (ORDER BY commit_order)
           + (SELECT coalesce(max(commit_seq), 0) FROM partitions) AS seq
         FROM (
           SELECT partition_id, commit_order FROM partitions
           WHERE state = 'sealed' AND commit_seq IS NULL
           ORDER BY commit_order LIMIT :limit
         ) AS unnumbered
       ) n
       WHERE p.partition_id = n.partition_id`,
      { limit: NUMBERED_AT_ONCE },
    );
  });
}

function withoutNulls(row: SealedRevision): SealedRevision {
  return {
    ...row,
    replacedRevision: row.replacedRevision ?? undefined,
    operation: row.operation ?? undefined,
    schemaVersion: row.schemaVersion ?? undefined,
    manifestPath: row.manifestPath ?? undefined,
    manifestSha256: row.manifestSha256 ?? undefined,
  };
}
