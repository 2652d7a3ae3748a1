import { DuckdbSession, listParameter } from '@millrace/lake';
import { ReceiveBucketFates } from '@millrace/ledger';
import { FATES_OF_ONE_BUCKET_SQL, FATES_SQL } from './accountingSql';

const BITS = 64;

/**
 * What became of the staged events, by the bucket they were received in, with
 * the multiset hash of their keys: the sum modulo 2^64 of the first eight bytes
 * of each key. Every fate is summed from its own rows.
 */
export async function readFates(options: {
  duckdb: DuckdbSession;
  /** Of the batches; late ones were received for an earlier bucket. */
  receiveStarts: Date[];
  /** The bucket that is sealed. */
  bucketStart: Date;
}): Promise<ReceiveBucketFates[]> {
  const { duckdb, receiveStarts, bucketStart } = options;
  const starts = receiveStarts.map(start => start.toISOString());
  const rows = await (starts.length === 1
    ? duckdb.rows(FATES_OF_ONE_BUCKET_SQL, starts)
    : duckdb.rows(FATES_SQL, [listParameter(starts)]));
  const fates = new Map<number, ReceiveBucketFates>();
  for (const row of rows) {
    // An event without a readable receive time is filed where it is sealed.
    const receiveStart =
      row.receive_start === null
        ? bucketStart
        : new Date(String(row.receive_start));
    const key = receiveStart.getTime();
    const known = fates.get(key) ?? nothing(receiveStart);
    fates.set(key, known);
    const events = Number(row.events);
    const sum = BigInt(String(row.sum));
    known.accepted += events;
    known.acceptedSum = BigInt.asUintN(BITS, known.acceptedSum + sum);
    switch (row.fate) {
      case 'delivered':
        known.delivered += events;
        known.deliveredSum = sum;
        break;
      case 'refused':
        known.refused += events;
        known.refusedSum = sum;
        break;
      default:
        known.duplicates += events;
        known.duplicatesSum = sum;
    }
  }
  return [...fates.values()];
}

/** The same of several shards, together. */
export function addFates(all: ReceiveBucketFates[]): ReceiveBucketFates[] {
  const sums = new Map<number, ReceiveBucketFates>();
  for (const { receiveStart, ...part } of all) {
    const start = new Date(receiveStart);
    const total = sums.get(start.getTime()) ?? nothing(start);
    const add = (one: bigint, other: bigint) =>
      BigInt.asUintN(BITS, one + other);
    sums.set(start.getTime(), {
      receiveStart: start,
      accepted: total.accepted + part.accepted,
      delivered: total.delivered + part.delivered,
      duplicates: total.duplicates + part.duplicates,
      refused: total.refused + part.refused,
      acceptedSum: add(total.acceptedSum, part.acceptedSum),
      deliveredSum: add(total.deliveredSum, part.deliveredSum),
      duplicatesSum: add(total.duplicatesSum, part.duplicatesSum),
      refusedSum: add(total.refusedSum, part.refusedSum),
    });
  }
  return [...sums.values()];
}

function nothing(receiveStart: Date): ReceiveBucketFates {
  return {
    receiveStart,
    accepted: 0,
    delivered: 0,
    duplicates: 0,
    refused: 0,
    acceptedSum: 0n,
    deliveredSum: 0n,
    duplicatesSum: 0n,
    refusedSum: 0n,
  };
}
