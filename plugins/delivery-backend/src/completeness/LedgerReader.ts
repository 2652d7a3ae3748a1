import {
  findBucketBefore,
  type BucketLine,
  type BucketRecord,
  listBucketLines,
  listBuckets,
  listSpanLines,
  listWaitingBuckets,
  readBooksBegan,
  type SpanLine,
  type SpanSummary,
  summarizeSpans,
  type WaitingBucketSummary,
} from '@millrace/ledger';
import type {
  LedgerBucket,
  LedgerBuckets,
  LedgerPage,
  LedgerRow,
  LedgerUnit,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { expectedByOf, toLedgerBucket } from '../partitions';
import { EMPTY_LINE, toLine } from './toLine';

const HOUR_SECONDS = 60 * 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const DAY_MS = DAY_SECONDS * 1000;

/** Short buckets are shown one by one as long as all are younger. */
const FEW_BUCKETS_MS = 2 * HOUR_SECONDS * 1000;

/**
 * Buckets in one answer at most. Reached only where buckets were shorter in
 * former times than they are now: then a page covers less time.
 */
const MAX_BUCKETS = 1000;

/** A span that holds any range. */
const WHOLE_SECONDS = 1e10;

const BY_DEFAULT: Record<LedgerUnit, number> = { bucket: 48, hour: 48, day: 7 };
const AT_MOST: Record<LedgerUnit, number> = { bucket: 200, hour: 200, day: 31 };

/** Options of {@link LedgerReader.page}. */
export interface LedgerRequest {
  eventType: string;
  /** Of its tier. */
  objectiveMs: number;
  by?: LedgerUnit;
  before?: Date;
  from?: Date;
  /** Capped at what the unit allows. */
  limit?: number;
}

/** Of one event type, `[from, to)` by the start of buckets. */
interface Range {
  eventType: string;
  from: Date;
  to: Date;
}

/**
 * Reads the ledger of an event type as rows: per bucket, hour or day what was
 * accepted, what became of it, and how late it was sealed. It checks no
 * permissions.
 *
 * A page is a stretch of time, not a number of buckets, so that lines,
 * partitions and waiting buckets are of the same one. Silence is jumped over by
 * looking for the next older bucket. The number of statements does not depend
 * on how much there is.
 */
export class LedgerReader {
  readonly #ledger: Knex;
  readonly #bucketSeconds: number;
  readonly #now: () => Date;

  constructor(options: {
    ledger: Knex;
    bucketSeconds: number;
    now: () => Date;
  }) {
    this.#ledger = options.ledger;
    this.#bucketSeconds = options.bucketSeconds;
    this.#now = options.now;
  }

  async page(request: LedgerRequest): Promise<LedgerPage> {
    const now = this.#now();
    const unit = request.by ?? (await this.#unitFor(request.eventType, now));
    const range = await this.#rangeOf(request, unit, now);
    const view = { ...range, objectiveMs: request.objectiveMs, now };
    const isNewest = request.before === undefined;
    const { items, from } =
      unit === 'bucket'
        ? await this.#bucketRows(view, isNewest)
        : {
            items: await this.#spanRows(view, this.#secondsOf(unit)),
            from: range.from,
          };
    return {
      unit,
      items,
      nextBefore: await this.#nextBefore(request, unit, from),
      bucketSeconds: this.#bucketSeconds,
      objectiveMs: request.objectiveMs,
      booksBeganAt: (await readBooksBegan(this.#ledger))?.toISOString(),
      last24h:
        unit === 'day' && isNewest && request.from === undefined
          ? await this.#last24h(view)
          : undefined,
    };
  }

  #secondsOf(unit: LedgerUnit): number {
    return {
      bucket: this.#bucketSeconds,
      hour: HOUR_SECONDS,
      day: DAY_SECONDS,
    }[unit];
  }

  async #unitFor(eventType: string, now: Date): Promise<LedgerUnit> {
    if (this.#bucketSeconds >= HOUR_SECONDS) {
      return 'bucket';
    }
    const before = new Date(now.getTime() - FEW_BUCKETS_MS);
    const older = await findBucketBefore(this.#ledger, { eventType, before });
    return older ? 'hour' : 'bucket';
  }

  /** The stretch of a page; the newest one begins where something is. */
  async #rangeOf(
    request: LedgerRequest,
    unit: LedgerUnit,
    now: Date,
  ): Promise<Range> {
    const { eventType, before, from } = request;
    const seconds = this.#secondsOf(unit);
    const limit = Math.min(request.limit ?? BY_DEFAULT[unit], AT_MOST[unit]);
    const lengthMs = limit * seconds * 1000;
    let to = before ?? endOf(now, seconds);
    if (!before && !from) {
      const newest = await findBucketBefore(this.#ledger, {
        eventType,
        before: to,
      });
      if (newest && newest.getTime() < to.getTime() - lengthMs) {
        to = endOf(newest, seconds);
      }
    }
    const start = new Date(to.getTime() - lengthMs);
    return { eventType, from: from && from > start ? from : start, to };
  }

  async #nextBefore(
    { eventType, from: bound }: LedgerRequest,
    unit: LedgerUnit,
    from: Date,
  ): Promise<string | undefined> {
    const older = await findBucketBefore(this.#ledger, {
      eventType,
      before: from,
    });
    if (!older || (bound && older < bound)) {
      return undefined;
    }
    const end = endOf(older, this.#secondsOf(unit));
    return (end < from ? end : from).toISOString();
  }

  async #bucketRows(
    view: Range & { objectiveMs: number; now: Date },
    isNewest: boolean,
  ): Promise<{ items: LedgerRow[]; from: Date }> {
    const { eventType, objectiveMs, now } = view;
    const records = await listBuckets(this.#ledger, {
      ...view,
      limit: MAX_BUCKETS,
    });
    const from =
      records.length === MAX_BUCKETS
        ? records[MAX_BUCKETS - 1].bucketStart
        : view.from;
    const range = { eventType, from, to: view.to };
    const [lines, waiting] = await Promise.all([
      listBucketLines(this.#ledger, { ...range, limit: MAX_BUCKETS * 2 }),
      listWaitingBuckets(this.#ledger, { ...range, limit: MAX_BUCKETS * 2 }),
    ]);
    const recordOf = byStart(records, ({ bucketStart }) => bucketStart);
    const lineOf = byStart(lines, ({ bucketStart }) => bucketStart);
    const waitingOf = byStart(waiting, ({ bucket }) => bucket.start);
    const open = endOf(now, this.#bucketSeconds).getTime() - this.#lengthMs;
    const starts = new Set([
      ...recordOf.keys(),
      ...lineOf.keys(),
      ...waitingOf.keys(),
      ...(isNewest && open >= from.getTime() ? [open] : []),
    ]);
    return {
      from,
      items: [...starts]
        .sort((a, b) => b - a)
        .map(start =>
          this.#toBucketRow(
            new Date(start),
            {
              record: recordOf.get(start),
              line: lineOf.get(start),
              waiting: waitingOf.get(start),
            },
            { objectiveMs, now },
          ),
        ),
    };
  }

  get #lengthMs(): number {
    return this.#bucketSeconds * 1000;
  }

  #toBucketRow(
    start: Date,
    known: {
      record?: BucketRecord;
      line?: BucketLine;
      waiting?: WaitingBucketSummary;
    },
    options: { objectiveMs: number; now: Date },
  ): LedgerRow {
    const { record, line, waiting } = known;
    const end =
      record?.bucketEnd ??
      new Date(
        start.getTime() +
          (waiting ? waiting.bucket.seconds * 1000 : this.#lengthMs),
      );
    const bucket = record
      ? toLedgerBucket(record, options)
      : toOpenBucket(end, waiting, options);
    return {
      start: start.toISOString(),
      end: end.toISOString(),
      line: toLine(line ?? EMPTY_LINE),
      buckets: countBucket(bucket),
      lateness:
        record?.latenessMs === undefined
          ? undefined
          : { medianMs: record.latenessMs, maxMs: record.latenessMs },
      skewed: record?.skewed ?? 0,
      conflicts: record?.conflicts ?? 0,
      bytes: record?.bytes ?? 0,
      bucket,
    };
  }

  async #spanRows(
    view: Range & { objectiveMs: number },
    seconds: number,
  ): Promise<LedgerRow[]> {
    const { eventType, from, to, objectiveMs } = view;
    const range = { eventType, from, to };
    const [spans, lines, waiting] = await Promise.all([
      summarizeSpans(this.#ledger, { ...range, seconds, objectiveMs }),
      listSpanLines(this.#ledger, { ...range, seconds }),
      listWaitingBuckets(this.#ledger, { ...range, limit: MAX_BUCKETS }),
    ]);
    const spanOf = byStart(spans, ({ start }) => start);
    const lineOf = byStart(lines, ({ start }) => start);
    const waitingIn = new Map<number, number>();
    for (const { bucket } of waiting) {
      const start = endOf(bucket.start, seconds).getTime() - seconds * 1000;
      waitingIn.set(start, (waitingIn.get(start) ?? 0) + 1);
    }
    const starts = new Set([
      ...spanOf.keys(),
      ...lineOf.keys(),
      ...waitingIn.keys(),
    ]);
    return [...starts]
      .sort((a, b) => b - a)
      .map(start =>
        toSpanRow(
          { from: new Date(start), to: new Date(start + seconds * 1000) },
          {
            span: spanOf.get(start),
            line: lineOf.get(start),
            waiting: waitingIn.get(start) ?? 0,
          },
        ),
      );
  }

  /** From the bucket of this time yesterday to the one that is open. */
  async #last24h(view: {
    eventType: string;
    objectiveMs: number;
    now: Date;
  }): Promise<LedgerRow> {
    const to = endOf(view.now, this.#bucketSeconds);
    const from = new Date(to.getTime() - DAY_MS);
    const [row] = await this.#spanRows({ ...view, from, to }, WHOLE_SECONDS);
    return {
      ...(row ?? toSpanRow({ from, to }, { waiting: 0 })),
      start: from.toISOString(),
      end: to.toISOString(),
    };
  }
}

/** The end of the span, of a length that divides time from the epoch on. */
function endOf(instant: Date, seconds: number): Date {
  const ms = seconds * 1000;
  return new Date((Math.floor(instant.getTime() / ms) + 1) * ms);
}

function byStart<T>(items: T[], startOf: (item: T) => Date): Map<number, T> {
  return new Map(items.map(item => [startOf(item).getTime(), item]));
}

function toSpanRow(
  range: { from: Date; to: Date },
  known: { span?: SpanSummary; line?: SpanLine; waiting: number },
): LedgerRow {
  const { span, line, waiting } = known;
  return {
    start: range.from.toISOString(),
    end: range.to.toISOString(),
    line: toLine(line ?? EMPTY_LINE),
    buckets: {
      sealed: span?.sealed ?? 0,
      late: span?.late ?? 0,
      empty: span?.empty ?? 0,
      revised: span?.revised ?? 0,
      forced: span?.forced ?? 0,
      sealing: span?.sealing ?? 0,
      waiting,
    },
    lateness: span?.lateness,
    skewed: span?.skewed ?? 0,
    conflicts: span?.conflicts ?? 0,
    bytes: span?.bytes ?? 0,
  };
}

/** One that has no partition: not over, not decided about, or made to wait. */
function toOpenBucket(
  end: Date,
  waiting: WaitingBucketSummary | undefined,
  { objectiveMs, now }: { objectiveMs: number; now: Date },
): LedgerBucket {
  const expectedBy = expectedByOf(end, objectiveMs);
  return {
    state: stateOf(end, waiting, now),
    expectedBy: expectedBy.toISOString(),
    isLate: now > expectedBy,
    isForced: waiting?.isForced ?? false,
    waiting: waiting && {
      since: waiting.waitingSince.toISOString(),
      reasons: waiting.reasons,
    },
  };
}

function stateOf(
  end: Date,
  waiting: WaitingBucketSummary | undefined,
  now: Date,
): LedgerBucket['state'] {
  if (waiting) {
    return 'waiting';
  }
  return end > now ? 'open' : 'unseen';
}

function countBucket(bucket: LedgerBucket): LedgerBuckets {
  const { state, isLate, isForced, partition } = bucket;
  const isSealed = state === 'sealed';
  const one = (is: boolean | undefined) => (is ? 1 : 0);
  return {
    sealed: one(isSealed),
    late: one(isSealed && isLate),
    empty: one(isSealed && partition?.empty),
    revised: one(partition && partition.revision > 1),
    forced: one(partition && isForced),
    sealing: one(state === 'sealing'),
    waiting: one(state === 'waiting'),
  };
}
