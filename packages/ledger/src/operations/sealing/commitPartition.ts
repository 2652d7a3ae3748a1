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
import { advanceClosedThrough } from './advanceClosedThrough';
import {
  assertIdsSeen,
  insertIdFile,
  insertLandings,
  insertRefusedAtSealing,
  sealPartitionRow,
} from './sealedRows';
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
    await sealPartitionRow(tx, options);
    if (options.ids) {
      const { seenThrough, ...file } = options.ids;
      await assertIdsSeen(tx, { eventType, partitionId, seenThrough });
      await insertIdFile(tx, { ...options, ...file, eventType });
    }
    await insertLandings(tx, { eventType, landings: options.landings ?? [] });
    await insertRefusedAtSealing(tx, {
      events: options.refusedAtSealing,
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
