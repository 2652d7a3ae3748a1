import { Knex } from 'knex';
import { DuckdbSession } from '@millrace/lake';
import {
  FrozenBatch,
  ReceiveBucketFates,
  recordBatchFindings,
  recordPartitionBooks,
} from '@millrace/ledger';
import { Bucket, DuckdbColumn } from '@millrace/schema';
import { readFates } from './readFates';
import { recordNumbers } from './recordNumbers';

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

export interface AccountEventsOptions {
  ledger: Knex;
  /** With the tables of a sealing whose fates are decided. */
  duckdb: DuckdbSession;
  partitionId: string;
  eventType: string;
  columns: DuckdbColumn[];
  bucket: Bucket;
  batches: FrozenBatch[];
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
export async function accountEvents(
  options: AccountEventsOptions,
): Promise<KeySums> {
  const { ledger, duckdb, partitionId, eventType, columns, bucket, batches } =
    options;
  const receiveStarts = [
    ...new Set(batches.map(({ header }) => header.bucket.start.getTime())),
  ].map(time => new Date(time));

  const fates = await readFates({
    duckdb,
    receiveStarts,
    bucketStart: bucket.start,
  });
  const numbering = await recordNumbers({ ledger, duckdb, eventType, columns });
  await recordPartitionBooks(ledger, { partitionId, fates, numbering });
  await recordBatchFindings(ledger, {
    eventType,
    bucketStarts: [...receiveStarts, bucket.start],
  });
  return sumKeys(fates);
}

function sumKeys(fates: ReceiveBucketFates[]): KeySums {
  const sumOf = (valueOf: (fate: ReceiveBucketFates) => bigint) =>
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
