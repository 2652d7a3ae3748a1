import { Knex } from 'knex';
import { inChunks, inTransaction, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import {
  EventKey,
  PartitionCounts,
  PartitionFile,
  RefusedEvent,
} from '../../types';
import { assertFencingToken } from '../leases/assertFencingToken';
import { insertRefusedEvents } from '../refused/insertRefusedEvents';
import { advanceClosedThrough } from './advanceClosedThrough';
import { sealResource } from './sealResource';

const KEYS_PER_STATEMENT = 50_000;

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
  /** Of every delivered event, each once; may be a stream. */
  keys: Iterable<EventKey> | AsyncIterable<EventKey>;
  refusedAtSealing: RefusedEvent[];
  sealedAt: Date;
}

/**
 * Makes a partition sealed, for good.
 *
 * Guarantees, in one transaction:
 * - Under a stale fencing token nothing happens and {@link FencingError} is
 *   thrown.
 * - Partition, files, event ids, refused events and the consumption of the
 *   staged batches become visible together.
 * - The books close: `counts_do_not_balance` unless accepted is the number of
 *   events in the frozen batches and every one of them has a fate.
 * - No event is delivered twice within the horizon: `event_delivered_twice`.
 * - Committing the same manifest again (the answer got lost) changes nothing,
 *   another one throws `partition_already_sealed`.
 *
 * @public
 */
export async function commitPartition(
  db: Knex,
  options: CommitPartitionOptions,
): Promise<void> {
  const { partitionId, fencingToken, counts, manifest } = options;
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
    await assertBooksClose(tx, partitionId, counts);
    await seal(tx, options);
    await insertEventIds(tx, eventType, options);
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
  partitionId: string,
  counts: PartitionCounts,
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
       manifest_sha256 = :manifestSha256,
       schema_version = coalesce(:schemaVersion::integer, (
         SELECT max(schema_version) FROM staged_batches
         WHERE partition_id = :partitionId))
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

/*
 * Without ON CONFLICT on purpose. A key that is there already means that the
 * event would be delivered a second time, which the sealer should have seen; the
 * primary key is the last to notice. It also saves a third of the insert,
 * which at a million events per partition is most of the commit. For the same reason the keys travel as one text instead of an array,
 * which the driver would quote element by element, and go in sorted.
 */
async function insertEventIds(
  tx: Knex.Transaction,
  eventType: string,
  options: CommitPartitionOptions,
): Promise<void> {
  // While Postgres inserts one chunk, the next is read from the caller.
  let inserted: Promise<void> = Promise.resolve();
  try {
    for await (const chunk of inChunks(options.keys, KEYS_PER_STATEMENT)) {
      await inserted;
      inserted = insertChunk(tx, eventType, options, chunk);
      inserted.catch(() => {}); // Awaited below; must not go unhandled before.
    }
  } finally {
    await inserted;
  }
}

async function insertChunk(
  tx: Knex.Transaction,
  eventType: string,
  options: CommitPartitionOptions,
  chunk: EventKey[],
): Promise<void> {
  try {
    await tx.raw(
      `INSERT INTO event_ids (event_type, event_key, content_hash, sealed_at)
       SELECT :eventType, event_key, content_hash, :sealedAt
       FROM unnest(string_to_array(:eventKeys, ',')::uuid[],
         string_to_array(:contentHashes, ',')::uuid[])
         AS k (event_key, content_hash)
       ORDER BY event_key`,
      {
        eventType,
        sealedAt: options.sealedAt,
        eventKeys: chunk.map(key => key.eventKey).join(),
        contentHashes: chunk.map(key => key.contentHash).join(),
      },
    );
  } catch (error) {
    if (isError(error) && error.constraint === 'event_ids_pkey') {
      throw new LedgerError(
        'event_delivered_twice',
        `Partition ${options.partitionId} of ${eventType} holds an event that was delivered before: ${error.detail}`,
      );
    }
    throw error;
  }
}

function isError(
  error: unknown,
): error is Error & { constraint?: string; detail?: string } {
  return error instanceof Error;
}
