import { Knex } from 'knex';
import { DuckdbSession } from '@millrace/lake';
import {
  FrozenBatch,
  OriginFates,
  recordBatchFindings,
  recordPartitionBooks,
} from '@millrace/ledger';
import { Bucket, DuckdbColumn } from '@millrace/schema';
import { Origins } from './origins';
import { addFates, readFates } from './readFates';
import { Numbering, recordNumbers } from './recordNumbers';

/**
 * Multiset hashes of the event keys of a partition, modulo 2^64, as decimal
 * text: `accepted = delivered + duplicates + refused` holds for them as well.
 */
export interface KeySums {
  accepted: string;
  delivered: string;
  duplicates: string;
  refused: string;
}

/** What one shard of a sealing tells the books. */
export interface ShardAccounts {
  fates: OriginFates[];
  numbering: Numbering;
}

/**
 * Reads what became of the events of one shard, and records which numbers of
 * which producers are among them. To be called while the tables of the shard
 * are there and its fates are decided.
 */
export async function accountShard(options: {
  ledger: Knex;
  duckdb: DuckdbSession;
  eventType: string;
  columns: DuckdbColumn[];
  /** Of all shards; with their runs in the table `origin_run`. */
  origins: Origins;
  /** The column of `staged` that says which line an event was. */
  line: string;
}): Promise<ShardAccounts> {
  const fates = await readFates(options);
  return { fates, numbering: await recordNumbers(options) };
}

/**
 * Writes what a sealing knows into the books: where its events came from and
 * what became of them, which numbers of which producers have arrived, and
 * whether the batches are those that gateways declared.
 *
 * Guarantees: it changes nothing of the partition, and what it finds blocks
 * nothing. Everything may be repeated: a crash after any step leaves books that
 * the next attempt writes again to the same effect, and of a partition nothing
 * counts before it is sealed.
 */
export async function writeBooks(options: {
  ledger: Knex;
  partitionId: string;
  eventType: string;
  bucket: Bucket;
  batches: FrozenBatch[];
  shards: ShardAccounts[];
}): Promise<KeySums> {
  const { ledger, partitionId, eventType, bucket, batches, shards } = options;
  const fates = addFates(shards.flatMap(shard => shard.fates));
  const sum = (part: keyof Numbering) =>
    shards.reduce((total, { numbering }) => total + numbering[part], 0);
  const numbering = {
    numbered: sum('numbered'),
    unnumbered: sum('unnumbered'),
    untracked: sum('untracked'),
  };
  await recordPartitionBooks(ledger, {
    partitionId,
    batches,
    fates,
    numbering,
  });
  await recordBatchFindings(ledger, {
    eventType,
    bucketStarts: [...receiveStartsOf(batches), bucket.start],
  });
  return sumKeys(fates);
}

function receiveStartsOf(batches: FrozenBatch[]): Date[] {
  return [
    ...new Set(batches.map(({ header }) => header.bucket.start.getTime())),
  ].map(time => new Date(time));
}

function sumKeys(fates: OriginFates[]): KeySums {
  const sumOf = (valueOf: (fate: OriginFates) => bigint) =>
    BigInt.asUintN(
      64,
      fates.reduce((sum, fate) => sum + valueOf(fate), 0n),
    ).toString();
  return {
    accepted: sumOf(fate => fate.acceptedSum),
    delivered: sumOf(fate => fate.deliveredSum),
    duplicates: sumOf(fate => fate.duplicatesSum),
    refused: sumOf(fate => fate.refusedSum),
  };
}
