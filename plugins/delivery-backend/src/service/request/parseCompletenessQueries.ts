import { InputError } from '@backstage/errors';
import type { ProducerCursor } from '@millrace/ledger';
import type { LedgerUnit } from '@millrace/plugin-delivery-common';
import { z } from 'zod';
import { parseProducerCursor } from '../../completeness';
import { instant, parse, wholeNumber } from './parse';

const DAY_MS = 24 * 60 * 60_000;

/** Reading is in proportion to the range. */
const MAX_DAYS = 92;
const MAX_BUCKET_RANGE_DAYS = 31;
const DAYS_BY_DEFAULT = 30;

const day = z.iso
  .date("expected a day such as '2026-11-21'")
  .transform(text => new Date(`${text}T00:00:00Z`));

const daysQuery = z.strictObject({
  from: day.optional(),
  /** The last day. */
  to: day.optional(),
});

/**
 * The query of `GET /event-types/:name/completeness`, as `[from, to)`.
 *
 * @param now - the last day by default is that of now
 */
export function parseDaysQuery(
  query: unknown,
  now: Date,
): { from: Date; to: Date } {
  const asked = parse('query', daysQuery, query);
  const last =
    asked.to ?? new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
  const to = new Date(last.getTime() + DAY_MS);
  const from = asked.from ?? new Date(to.getTime() - DAYS_BY_DEFAULT * DAY_MS);
  return boundedRange(from, to, MAX_DAYS);
}

/** The day in a path. @throws InputError */
export function parseDay(params: { [key: string]: string }): Date {
  return parse('day', day, params.day);
}

const bucketLinesQuery = z.strictObject({
  from: instant.optional(),
  to: instant.optional(),
  limit: wholeNumber({ min: 1, max: 1000, byDefault: 168 }),
});

/** The query of `GET /event-types/:name/books`; the last day by default. */
export function parseBucketLinesQuery(
  query: unknown,
  now: Date,
): { from: Date; to: Date; limit: number } {
  const { limit, ...asked } = parse('query', bucketLinesQuery, query);
  const to = asked.to ?? now;
  const from = asked.from ?? new Date(to.getTime() - DAY_MS);
  return { ...boundedRange(from, to, MAX_BUCKET_RANGE_DAYS), limit };
}

const ledgerQuery = z.strictObject({
  by: z
    .enum(['bucket', 'hour', 'day'], "expected 'bucket', 'hour' or 'day'")
    .optional(),
  before: instant.optional(),
  from: instant.optional(),
  // What a unit allows at most is the reader's to say.
  limit: wholeNumber({ min: 1, max: 200, byDefault: 0 }).transform(
    limit => limit || undefined,
  ),
});

/** The query of `GET /event-types/:name/ledger`. */
export function parseLedgerQuery(query: unknown): {
  by?: LedgerUnit;
  before?: Date;
  from?: Date;
  limit?: number;
} {
  const asked = parse('query', ledgerQuery, query);
  if (asked.before && asked.from && asked.from >= asked.before) {
    throw new InputError("Invalid query: 'from' must be before 'before'");
  }
  return asked;
}

const producersQuery = z.strictObject({
  limit: wholeNumber({ min: 1, max: 200, byDefault: 50 }),
  cursor: z.string().max(1000).optional(),
  producer: z.string().min(1).max(200).optional(),
});

/** The query of `GET /event-types/:name/producers`. */
export function parseProducersQuery(query: unknown): {
  limit: number;
  cursor?: ProducerCursor;
  producer?: string;
} {
  const { cursor, ...rest } = parse('query', producersQuery, query);
  return {
    ...rest,
    cursor: cursor === undefined ? undefined : parseProducerCursor(cursor),
  };
}

const gapsQuery = z.strictObject({
  producer: z.string().min(1).max(200),
  epoch: z.string().min(1).max(200),
  from: wholeNumber({ min: 1, max: 2 ** 49, byDefault: 1 }),
  limit: wholeNumber({ min: 1, max: 1000, byDefault: 100 }),
});

/** The query of `GET /event-types/:name/producers/gaps`. */
export function parseGapsQuery(query: unknown): {
  producer: string;
  epoch: string;
  from: number;
  limit: number;
} {
  return parse('query', gapsQuery, query);
}

function boundedRange(from: Date, to: Date, maxDays: number) {
  if (from >= to) {
    throw new InputError("Invalid query: 'from' must be before 'to'");
  }
  if (to.getTime() - from.getTime() > maxDays * DAY_MS) {
    throw new InputError(
      `Invalid query: ask for ${maxDays} days at most at a time`,
    );
  }
  return { from, to };
}
