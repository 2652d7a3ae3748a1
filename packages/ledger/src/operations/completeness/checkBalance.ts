import { Knex } from 'knex';
import { BatchFault, findBatchFaults } from './findBatchFaults';
import { LedgerLine } from './ledgerLine';
import { listBucketLines } from './listBucketLines';
import { listProducerGaps, ProducerGap } from './listProducerGaps';
import { listProducers } from './listProducers';

/** Lines, producers and gaps looked at in one check; beyond, it says so. */
const MAX_LINES = 10_000;
const MAX_PRODUCERS = 1_000;
const MAX_GAPS = 1_000;

/** Numbers of a producer that have not arrived. @public */
export interface NamedGap extends ProducerGap {
  producer: string;
  epoch: string;
}

/** @public */
export interface BalanceReport {
  eventType: string;
  /** Every line sums to zero, and every batch is what it was declared to be. */
  isBalanced: boolean;
  /** Receive buckets looked at. */
  lines: number;
  /** The sum of all lines. */
  total: Omit<LedgerLine, 'isDeclared'>;
  /** Lines with a difference that nothing accounts for. */
  unbalanced: (LedgerLine & { bucketStart: Date })[];
  /** By gateway, epoch and batch. */
  batches: BatchFault[];
  /**
   * By producer, epoch and number. These are losses before the gateway, or
   * events still on their way to it: they are no part of the balance.
   */
  gaps: NamedGap[];
  /** There was more than one check looks at. */
  isTruncated: boolean;
}

/**
 * Checks the books of an event type over the receive buckets that begin in a
 * range: that every line sums to zero, and if not names what is different; and
 * names what its producers have numbered and the gateways have not seen.
 *
 * It reads the ledger only. Whether the files say the same is the auditor's to
 * find out.
 *
 * @public
 */
export async function checkBalance(
  db: Knex,
  options: { eventType: string; from: Date; to: Date },
): Promise<BalanceReport> {
  const { eventType } = options;
  const lines = await listBucketLines(db, { ...options, limit: MAX_LINES + 1 });
  const batches = await findBatchFaults(db, options);
  const producers = await listProducers(db, {
    eventType,
    limit: MAX_PRODUCERS + 1,
  });
  const gaps: NamedGap[] = [];
  for (const { producer, epoch, given, received } of producers) {
    if (given > received && gaps.length <= MAX_GAPS) {
      const found = await listProducerGaps(db, {
        producer,
        epoch,
        limit: MAX_GAPS,
      });
      gaps.push(
        ...(found?.gaps ?? []).map(gap => ({ producer, epoch, ...gap })),
      );
    }
  }
  const isTruncated =
    lines.length > MAX_LINES ||
    producers.length > MAX_PRODUCERS ||
    gaps.length > MAX_GAPS;
  const unbalanced = lines.filter(line => line.difference !== 0);
  return {
    eventType,
    isBalanced: unbalanced.length === 0 && batches.length === 0 && !isTruncated,
    lines: lines.length,
    total: sumOf(lines),
    unbalanced,
    batches,
    gaps: gaps.slice(0, MAX_GAPS),
    isTruncated,
  };
}

function sumOf(lines: LedgerLine[]): BalanceReport['total'] {
  const total = {
    accepted: 0,
    delivered: 0,
    duplicates: 0,
    refused: 0,
    staged: 0,
    unreadable: 0,
    notArrived: 0,
    missingBatches: 0,
    difference: 0,
  };
  for (const line of lines) {
    for (const term of Object.keys(total) as (keyof typeof total)[]) {
      total[term] += line[term];
    }
  }
  return total;
}
