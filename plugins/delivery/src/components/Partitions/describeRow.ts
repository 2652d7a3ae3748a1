import {
  formatBucket,
  formatCountOf,
  formatDuration,
  formatLateness,
  formatUtcTime,
} from '@millrace/plugin-data-platform-react';
import type {
  LatenessStage,
  LatenessStages,
  LedgerBucket,
  LedgerLine,
  LedgerRow,
} from '@millrace/plugin-delivery-common';

/** How a bucket stands, as it is drawn: each has a colour and a shape. */
export type BucketLook =
  | 'open'
  | 'over'
  | 'waiting'
  | 'overdue'
  | 'sealing'
  | 'sealed'
  | 'sealed late'
  | 'sealed empty'
  | 'forced'
  | 'revised';

/** The look of a bucket, the first one first, with what else is to be said. */
export function looksOf(bucket: LedgerBucket): BucketLook[] {
  const { state, isLate, isForced, partition } = bucket;
  if (state === 'sealed') {
    const isRevised = partition !== undefined && partition.revision > 1;
    return [
      sealedLook(bucket),
      ...(isForced ? (['forced'] as const) : []),
      ...(isRevised ? (['revised'] as const) : []),
    ];
  }
  const looks: Record<Exclude<LedgerBucket['state'], 'sealed'>, BucketLook> = {
    open: 'open',
    unseen: 'over',
    waiting: 'waiting',
    sealing: 'sealing',
  };
  return [
    looks[state],
    ...(isLate ? (['overdue'] as const) : []),
    ...(isForced ? (['forced'] as const) : []),
  ];
}

function sealedLook({ isLate, partition }: LedgerBucket): BucketLook {
  // An empty one that is late keeps readers waiting as well.
  if (isLate) {
    return 'sealed late';
  }
  return partition?.empty ? 'sealed empty' : 'sealed';
}

/** How many buckets of a row look how; those there are none of are left out. */
export function lookCounts({ buckets }: LedgerRow): [BucketLook, number][] {
  const { sealed, late, empty, waiting, sealing, forced, revised } = buckets;
  const counts: [BucketLook, number][] = [
    ['sealed', sealed],
    ['sealed late', late],
    ['waiting', waiting],
    ['sealing', sealing],
    ['forced', forced],
    ['revised', revised],
    ['sealed empty', empty],
  ];
  return counts.filter(([, count]) => count > 0);
}

/**
 * What the terms of a line leave unexplained, in words; `undefined` when they
 * add up. The ledger gives the difference, and the terms are added up here once
 * more: a sum that is shown has to be one.
 */
export function imbalanceOf(line: LedgerLine): string | undefined {
  const { accepted, delivered, duplicates, refused, inFlight } = line;
  const missing = accepted - delivered - duplicates - refused - inFlight.total;
  if (missing > 0) {
    return `${formatCountOf(missing, 'event')} unaccounted for`;
  }
  if (missing < 0) {
    return `${formatCountOf(-missing, 'event')} too many`;
  }
  return line.difference === 0
    ? undefined
    : `${formatCountOf(line.difference, 'event')} differ by gateway`;
}

/** `100 %`, `99.9 %`; never rounded up to a whole it is not. */
export function formatCompleteness(completeness: number | undefined): string {
  if (completeness === undefined) {
    return '–';
  }
  const tenths = Math.floor(completeness * 1000);
  return completeness === 1 ? '100 %' : `${Math.min(tenths, 999) / 10} %`;
}

/** What is in flight, by where it is; empty when nothing is. */
export function describeInFlight({ inFlight }: LedgerLine): string {
  const { staged, unreadable, notArrived, missingBatches } = inFlight;
  return [
    staged > 0 && `${formatCountOf(staged, 'event')} staged and not sealed`,
    notArrived > 0 &&
      `${formatCountOf(
        notArrived,
        'event',
      )} declared and not arrived, in ${formatCountOf(
        missingBatches,
        'batch',
        'batches',
      )}`,
    unreadable > 0 &&
      `${formatCountOf(unreadable, 'event')} unreadable and kept aside`,
  ]
    .filter(Boolean)
    .join(', ');
}

/**
 * When a bucket is or was expected, and how it went: `expected by 10:15:00 UTC,
 * sealed 10:52:00 UTC (+37 min)`.
 */
export function describeExpectation(bucket: LedgerBucket, now: Date): string {
  const { expectedBy, partition, stages } = bucket;
  const expected = `expected by ${formatUtcTime(expectedBy)}`;
  const sealedAt = firstSealedAt(bucket);
  if (!partition || sealedAt === undefined) {
    const overdueMs = now.getTime() - Date.parse(expectedBy);
    return overdueMs > 0
      ? `${expected}, overdue for ${formatDuration(overdueMs)}`
      : expected;
  }
  const lateMs = Date.parse(sealedAt) - Date.parse(expectedBy);
  const verdict = lateMs > 0 ? formatLateness(lateMs) : 'in time';
  const clocks = stages?.clocksDifferMs
    ? `; clocks differ by ${formatDuration(stages.clocksDifferMs)}`
    : '';
  return `${expected}, sealed ${formatUtcTime(sealedAt)} (${verdict})${clocks}`;
}

/** Of the first delivery: a later revision makes no bucket late. */
function firstSealedAt({ partition }: LedgerBucket): string | undefined {
  return partition?.latenessMs === undefined
    ? undefined
    : new Date(
        Date.parse(partition.bucketEnd) + partition.latenessMs,
      ).toISOString();
}

/** The stages in words, each in the past: what had happened when it ended. */
export const STAGE_WORDS: Record<LatenessStage, string> = {
  publish: 'published',
  stage: 'staged',
  close: 'closed',
  seal: 'sealed',
};

/** `published 0 s, staged 0.7 s, closed 1.5 s, sealed 1.5 s`. */
export function describeStages(stages: LatenessStages): string {
  const { shares, clocksDifferMs } = stages;
  const clocks =
    clocksDifferMs === undefined
      ? []
      : [`clocks differ by ${formatDuration(clocksDifferMs)}`];
  return [
    ...shares.map(
      ({ stage, ms }) => `${STAGE_WORDS[stage]} ${formatDuration(ms)}`,
    ),
    ...clocks,
  ].join(', ');
}

/** Nothing was received, and nothing is to be said about how that was sealed. */
export function isQuiet({ line, buckets, bucket }: LedgerRow): boolean {
  return (
    line.accepted === 0 &&
    line.difference === 0 &&
    bucket?.state === 'sealed' &&
    buckets.empty === 1 &&
    buckets.late + buckets.revised + buckets.forced === 0
  );
}

/** A run of rows: either one to be shown, or quiet ones to be folded. */
export type RowRun = { row: LedgerRow } | { quiet: LedgerRow[] };

/** Fewer quiet rows than this in a row are shown as they are. */
const MIN_FOLDED = 3;

/** Folds the runs of quiet rows, so that what happened is seen. */
export function foldQuiet(rows: LedgerRow[]): RowRun[] {
  const runs: RowRun[] = [];
  let quiet: LedgerRow[] = [];
  const end = () => {
    runs.push(
      ...(quiet.length < MIN_FOLDED
        ? quiet.map(row => ({ row }))
        : [{ quiet }]),
    );
    quiet = [];
  };
  for (const row of rows) {
    if (isQuiet(row)) {
      quiet.push(row);
    } else {
      end();
      runs.push({ row });
    }
  }
  end();
  return runs;
}

/** What a row is of, such as `2026-11-21 10:00–11:00 UTC` or `2026-11-21`. */
export function formatSpan(
  { start, end }: Pick<LedgerRow, 'start' | 'end'>,
  unit: 'bucket' | 'hour' | 'day',
): string {
  return unit === 'day'
    ? `${start.slice(0, 10)} UTC`
    : formatBucket(start, end);
}
