import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { LedgerLine } from './ledgerLine';
import { LINES_SQL } from './linesSql';
import { sinceBooks } from './readBooksBegan';

/** @public */
export interface DayLine extends LedgerLine {
  /** Midnight UTC. */
  day: Date;
  /** Receive buckets of the day in which something was accepted. */
  buckets: number;
}

/** Exported so that a test can look at its plan. */
export const DAY_LINES_SQL = `${LINES_SQL}
  SELECT date_bin('1 day', bucket_start, timestamptz 'epoch') AS day,
    count(*)::integer AS buckets,
    sum(accepted)::float8 AS accepted, sum(delivered)::float8 AS delivered,
    sum(duplicates)::float8 AS duplicates, sum(refused)::float8 AS refused,
    sum(staged)::float8 AS staged, sum(unreadable)::float8 AS unreadable,
    sum(not_arrived)::float8 AS "notArrived",
    sum(missing_batches)::float8 AS "missingBatches",
    sum(difference)::float8 AS difference,
    bool_and(is_declared) AS "isDeclared"
  FROM bucket_line GROUP BY day ORDER BY day`;

/**
 * The ledger lines of an event type, one per UTC day of receive buckets that
 * begin in the range, oldest first; days on which nothing was accepted have
 * none.
 *
 * @public
 */
export async function listDayLines(
  db: Knex,
  options: { eventType: string; from: Date; to: Date },
): Promise<DayLine[]> {
  const from = await sinceBooks(db, options.from);
  return queryRows<DayLine>(db, DAY_LINES_SQL, { ...options, from });
}
