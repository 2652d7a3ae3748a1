import { DuckdbSession } from '@millrace/lake';
import { OriginFates } from '@millrace/ledger';
import { FATES_OF_ONE_ORIGIN_SQL, fatesSql } from './accountingSql';
import { Origin, Origins } from './origins';

const BITS = 64;

/**
 * What became of the staged events, by where they came from, with the multiset
 * hash of their keys: the sum modulo 2^64 of the first eight bytes of each key.
 * Every fate is summed from its own rows.
 */
export async function readFates(options: {
  duckdb: DuckdbSession;
  origins: Origins;
  /** The column of `staged` that says which line an event was. */
  line: string;
}): Promise<OriginFates[]> {
  const { duckdb, origins, line } = options;
  const rows = await duckdb.rows(
    origins.all.length === 1
      ? FATES_OF_ONE_ORIGIN_SQL
      : fatesSql(line, origins.linesPerBlock),
  );
  const fates = new Map<number, OriginFates>();
  for (const row of rows) {
    const origin = Number(row.origin);
    const known = fates.get(origin) ?? nothing(origins.all[origin]);
    fates.set(origin, known);
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
export function addFates(all: OriginFates[]): OriginFates[] {
  const sums = new Map<string, OriginFates>();
  for (const { gateway, epoch, receiveStart, ...part } of all) {
    const origin = { gateway, epoch, receiveStart: new Date(receiveStart) };
    const key = JSON.stringify(origin);
    const total = sums.get(key) ?? nothing(origin);
    const add = (one: bigint, other: bigint) =>
      BigInt.asUintN(BITS, one + other);
    sums.set(key, {
      ...origin,
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

function nothing(origin: Origin): OriginFates {
  return {
    ...origin,
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
