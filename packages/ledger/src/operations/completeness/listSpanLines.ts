import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { LedgerLine } from './ledgerLine';
import { LINES_SQL } from './linesSql';
import { sinceBooks } from './readBooksBegan';

/** The ledger line of an hour, a day or another span. @public */
export interface SpanLine extends LedgerLine {
  start: Date;
  /** Receive buckets of the span in which something was accepted. */
  buckets: number;
}

/** @public */
export interface ListSpanLinesOptions {
  eventType: string;
  from: Date;
  to: Date;
  /** The length of a span; spans begin at multiples of it. */
  seconds: number;
}

/** Exported so that a test can look at its plan. */
export const SPAN_LINES_SQL = `${LINES_SQL}
  SELECT date_bin(:seconds * interval '1 second', bucket_start,
      timestamptz 'epoch') AS start,
    count(*)::integer AS buckets,
    sum(accepted)::float8 AS accepted, sum(delivered)::float8 AS delivered,
    sum(duplicates)::float8 AS duplicates, sum(refused)::float8 AS refused,
    sum(staged)::float8 AS staged, sum(unreadable)::float8 AS unreadable,
    sum(not_arrived)::float8 AS "notArrived",
    sum(missing_batches)::float8 AS "missingBatches",
    sum(difference)::float8 AS difference,
    bool_and(is_declared) AS "isDeclared"
  FROM bucket_line GROUP BY start ORDER BY start`;

/**
 * The ledger lines of an event type over receive buckets that begin in the
 * range, added up by span, oldest first; spans in which nothing was accepted
 * have none.
 *
 * @public
 */
export async function listSpanLines(
  db: Knex,
  options: ListSpanLinesOptions,
): Promise<SpanLine[]> {
  const from = await sinceBooks(db, options.from);
  return queryRows<SpanLine>(db, SPAN_LINES_SQL, { ...options, from });
}
