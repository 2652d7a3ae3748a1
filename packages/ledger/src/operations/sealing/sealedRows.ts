import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import {
  PartitionCounts,
  PartitionFile,
  RefusedEvent,
  ReplayLanding,
} from '../../types';
import { insertRefusedEvents } from '../refused/insertRefusedEvents';

/*
 * The rows that make a partition sealed. The commit of a first sealing and that
 * of revisions write them, each in its one transaction.
 */

/** Rows of one statement. */
const REFUSALS_AT_ONCE = 10_000;

/** The partition itself and its files; its batches are those that name it. */
export async function sealPartitionRow(
  tx: Knex.Transaction,
  options: {
    partitionId: string;
    counts: PartitionCounts;
    files: PartitionFile[];
    manifest?: { path: string; sha256: string };
    /** Default: the highest version among the batches. */
    schemaVersion?: number;
    sealedAt: Date;
  },
): Promise<void> {
  const { partitionId, counts, files, manifest, sealedAt } = options;
  await tx.raw(
    `UPDATE partitions SET state = 'sealed', sealed_at = :sealedAt,
       accepted = :accepted, delivered = :delivered, duplicates = :duplicates,
       refused = :refused, conflicts = :conflicts, skewed = :skewed,
       bytes = :bytes, manifest_path = :manifestPath,
       manifest_sha256 = :manifestSha256, staged_bytes = staged.bytes,
       staged_removed_at = CASE WHEN staged.bytes = 0 THEN now() END,
       schema_version = coalesce(:schemaVersion::integer, (
         SELECT max(schema_version) FROM staged_batches
         WHERE partition_id = :partitionId))
     FROM (SELECT coalesce(sum(length_bytes), 0) AS bytes FROM staged_batches
           WHERE partition_id = :partitionId) AS staged
     WHERE partition_id = :partitionId`,
    {
      partitionId,
      sealedAt,
      accepted: counts.accepted,
      delivered: counts.delivered,
      duplicates: counts.duplicates,
      refused: counts.refused,
      conflicts: counts.conflicts,
      skewed: counts.skewed,
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      manifestPath: manifest?.path ?? null,
      manifestSha256: manifest?.sha256 ?? null,
      schemaVersion: options.schemaVersion ?? null,
    },
  );
  await tx.raw(
    `INSERT INTO partition_files (partition_id, name, rows, bytes, sha256)
     SELECT :partitionId, f.name, f.rows, f.bytes, f.sha256
     FROM jsonb_to_recordset(:files::jsonb)
       AS f (name text, rows bigint, bytes bigint, sha256 text)`,
    { partitionId, files: JSON.stringify(files) },
  );
}

/** That no partition of the type was sealed after ids were looked up. */
export async function assertIdsSeen(
  tx: Knex.Transaction,
  options: { eventType: string; partitionId: string; seenThrough: string },
): Promise<void> {
  const { eventType, partitionId, seenThrough } = options;
  const unseen = await queryRows(
    tx,
    `SELECT FROM id_files
     WHERE event_type = :eventType AND level = 0 AND id_file_id > :seenThrough
     LIMIT 1`,
    { eventType, seenThrough },
  );
  if (unseen.length > 0) {
    throw new LedgerError(
      'event_ids_not_seen',
      `Another partition of ${eventType} was sealed while the events of partition ${partitionId} were compared with the ids of earlier ones`,
    );
  }
}

/** The ids of a partition count from here on. */
export async function insertIdFile(
  tx: Knex.Transaction,
  options: {
    eventType: string;
    partitionId: string;
    path: string;
    rows: number;
    bytes: number;
    sha256: string;
    sealedAt: Date;
  },
): Promise<void> {
  const { eventType, partitionId, path, rows, bytes, sha256, sealedAt } =
    options;
  await tx.raw(
    `INSERT INTO id_files (event_type, level, partition_id, path, rows, bytes,
       sha256, sealed_from, sealed_to)
     VALUES (:eventType, 0, :partitionId, :path, :rows, :bytes, :sha256,
       :sealedAt, :sealedAt)`,
    { eventType, partitionId, path, rows, bytes, sha256, sealedAt },
  );
}

/** Where replayed events lie; `moved` when it may be elsewhere than before. */
export async function insertLandings(
  tx: Knex.Transaction,
  options: { eventType: string; landings: ReplayLanding[]; moved?: boolean },
): Promise<void> {
  const { eventType, landings, moved } = options;
  if (landings.length === 0) {
    return;
  }
  await tx.raw(
    `INSERT INTO replay_landings
       (event_type, event_key, content_hash, bucket_start)
     SELECT :eventType, l."eventKey", l."contentHash", l."bucketStart"
     FROM jsonb_to_recordset(:landings::jsonb) AS l (
       "eventKey" uuid, "contentHash" uuid, "bucketStart" timestamptz)
     ON CONFLICT ${
       moved
         ? `(event_type, event_key, content_hash)
            DO UPDATE SET bucket_start = excluded.bucket_start`
         : 'DO NOTHING'
     }`,
    { eventType, landings: JSON.stringify(landings) },
  );
}

/** Events that a partition refuses, and that it is the one that does. */
export async function insertRefusedAtSealing(
  tx: Knex.Transaction,
  options: { partitionId: string; events: RefusedEvent[] },
): Promise<void> {
  const { partitionId, events } = options;
  await insertRefusedEvents(tx, { events, stage: 'sealing', partitionId });
  for (let from = 0; from < events.length; from += REFUSALS_AT_ONCE) {
    await tx.raw(
      `INSERT INTO partition_refusals (partition_id, refusal_id)
       SELECT :partitionId, id FROM unnest(:ids::uuid[]) AS id
       ON CONFLICT DO NOTHING`,
      {
        partitionId,
        ids: events
          .slice(from, from + REFUSALS_AT_ONCE)
          .map(({ refusalId }) => refusalId),
      },
    );
  }
}
