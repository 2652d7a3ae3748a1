import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import {
  PartitionCounts,
  PartitionFile,
  RefusedEvent,
  ReplayLanding,
} from '../../types';
import { assertFencingToken } from '../leases/assertFencingToken';
import { insertRefusedEvents } from '../refused/insertRefusedEvents';
import { advanceClosedThrough } from './advanceClosedThrough';
import { sealResource } from './sealResource';

/** The id file of a partition, published with it. @public */
export interface CommittedIds {
  /** The key in the lake. */
  path: string;
  /** As many as events delivered. */
  rows: number;
  bytes: number;
  /** In hex. */
  sha256: string;
  /** From `listIdFiles`, as it was when the bucket's keys were looked up. */
  seenThrough: string;
}

/** @public */
export interface CommitPartitionOptions {
  partitionId: string;
  /** Of the lease on `seal:<eventType>`. */
  fencingToken: bigint;
  counts: PartitionCounts;
  files: PartitionFile[];
  /** May be missing only for a partition that delivers nothing. */
  manifest?: { path: string; sha256: string };
  /** Default: the highest version among the frozen batches. */
  schemaVersion?: number;
  /** May be missing only for a partition that delivers nothing. */
  ids?: CommittedIds;
  /** Where events with the ids of replayed ones lie. Default: none. */
  landings?: ReplayLanding[];
  refusedAtSealing: RefusedEvent[];
  /** When the last delivered event was received, by its gateway's clock. */
  lastReceivedAt?: Date;
  sealedAt: Date;
}

/**
 * Makes a partition sealed, for good.
 *
 * Guarantees, in one transaction:
 * - Under a stale fencing token nothing happens and {@link FencingError} is
 *   thrown.
 * - Partition, files, the id file, refused events, landings of replays and the
 *   consumption of the staged batches become visible together.
 * - The books close: `counts_do_not_balance` unless accepted is the number of
 *   events in the frozen batches, every one of them has a fate, and the id file
 *   has as many ids as events are delivered.
 * - No event is delivered twice within the horizon: `event_ids_not_seen` when a
 *   partition of the type was sealed after the bucket's keys were looked up, so
 *   that its ids were not among what they were compared with.
 * - Committing the same manifest again (the answer got lost) changes nothing,
 *   another one throws `partition_already_sealed`.
 *
 * @public
 */
export async function commitPartition(
  db: Knex,
  options: CommitPartitionOptions,
): Promise<void> {
  const { partitionId, fencingToken, manifest } = options;
  await inTransaction(db, async tx => {
    const [partition] = await queryRows<{
      eventType: string;
      state: string;
      manifestSha256: string | null;
    }>(
      tx,
      `SELECT event_type AS "eventType", state,
         manifest_sha256 AS "manifestSha256"
       FROM partitions WHERE partition_id = :partitionId FOR UPDATE`,
      { partitionId },
    );
    if (!partition) {
      throw new LedgerError(
        'partition_not_found',
        `There is no partition ${partitionId}`,
      );
    }
    const { eventType } = partition;
    await assertFencingToken(tx, {
      resource: sealResource(eventType),
      fencingToken,
    });
    if (partition.state === 'sealed') {
      if (partition.manifestSha256 === (manifest?.sha256 ?? null)) {
        return;
      }
      throw new LedgerError(
        'partition_already_sealed',
        `Partition ${partitionId} of ${eventType} is sealed with another manifest`,
      );
    }
    await assertBooksClose(tx, options);
    await seal(tx, options);
    await insertIdFile(tx, eventType, options);
    await insertLandings(tx, eventType, options.landings ?? []);
    await insertRefusedEvents(tx, {
      events: options.refusedAtSealing,
      stage: 'sealing',
      partitionId,
    });
    await tx.raw(
      `UPDATE staged_batches SET consumed_at = now()
       WHERE partition_id = :partitionId`,
      { partitionId },
    );
    await advanceClosedThrough(tx, { eventType });
  });
}

async function assertBooksClose(
  tx: Knex.Transaction,
  { partitionId, counts, ids }: CommitPartitionOptions,
): Promise<void> {
  const [{ events }] = await queryRows<{ events: string }>(
    tx,
    `SELECT coalesce(sum(events), 0) AS events
     FROM staged_batches WHERE partition_id = :partitionId`,
    { partitionId },
  );
  const { accepted, delivered, duplicates, refused } = counts;
  if (accepted !== delivered + duplicates + refused) {
    throw new LedgerError(
      'counts_do_not_balance',
      `Partition ${partitionId}: ${accepted} accepted, but ${delivered} delivered + ${duplicates} duplicates + ${refused} refused`,
    );
  }
  if (delivered !== (ids?.rows ?? 0)) {
    throw new LedgerError(
      'counts_do_not_balance',
      `Partition ${partitionId}: ${delivered} delivered, but its id file has ${
        ids?.rows ?? 'not been given and so no'
      } ids`,
    );
  }
  if (accepted !== Number(events)) {
    throw new LedgerError(
      'counts_do_not_balance',
      `Partition ${partitionId}: ${accepted} accepted, but its staged batches hold ${events} events`,
    );
  }
}

async function seal(
  tx: Knex.Transaction,
  options: CommitPartitionOptions,
): Promise<void> {
  const { partitionId, counts, files, manifest, sealedAt } = options;
  await tx.raw(
    `UPDATE partitions SET state = 'sealed', sealed_at = :sealedAt,
       accepted = :accepted, delivered = :delivered, duplicates = :duplicates,
       refused = :refused, conflicts = :conflicts, skewed = :skewed,
       bytes = :bytes, manifest_path = :manifestPath,
       manifest_sha256 = :manifestSha256, staged_bytes = staged.bytes,
       staged_removed_at = CASE WHEN staged.bytes = 0 THEN now() END,
       last_received_at = :lastReceivedAt,
       last_published_at = staged.last_published_at,
       last_staged_at = staged.last_staged_at,
       schema_version = coalesce(:schemaVersion::integer, (
         SELECT max(schema_version) FROM staged_batches
         WHERE partition_id = :partitionId))
     FROM (SELECT coalesce(sum(length_bytes), 0) AS bytes,
             max(published_at) AS last_published_at,
             max(recorded_at) AS last_staged_at
           FROM staged_batches WHERE partition_id = :partitionId) AS staged
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
      lastReceivedAt: options.lastReceivedAt ?? null,
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

async function insertIdFile(
  tx: Knex.Transaction,
  eventType: string,
  { partitionId, ids, sealedAt }: CommitPartitionOptions,
): Promise<void> {
  if (!ids) {
    return;
  }
  const { seenThrough, ...file } = ids;
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
  await tx.raw(
    `INSERT INTO id_files (event_type, level, partition_id, path, rows, bytes,
       sha256, sealed_from, sealed_to)
     VALUES (:eventType, 0, :partitionId, :path, :rows, :bytes, :sha256,
       :sealedAt, :sealedAt)`,
    { ...file, eventType, partitionId, sealedAt },
  );
}

async function insertLandings(
  tx: Knex.Transaction,
  eventType: string,
  landings: ReplayLanding[],
): Promise<void> {
  if (landings.length === 0) {
    return;
  }
  await tx.raw(
    `INSERT INTO replay_landings
       (event_type, event_key, content_hash, bucket_start)
     SELECT :eventType, l."eventKey", l."contentHash", l."bucketStart"
     FROM jsonb_to_recordset(:landings::jsonb) AS l (
       "eventKey" uuid, "contentHash" uuid, "bucketStart" timestamptz)
     ON CONFLICT DO NOTHING`,
    { eventType, landings: JSON.stringify(landings) },
  );
}
