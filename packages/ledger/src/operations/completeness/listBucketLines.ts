import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { LedgerLine } from './ledgerLine';
import { LINE_COLUMNS, LINES_SQL } from './linesSql';
import { sinceBooks } from './readBooksBegan';

/** @public */
export interface BucketLine extends LedgerLine {
  bucketStart: Date;
}

/** Exported so that a test can look at its plan. */
export const BUCKET_LINES_SQL = `${LINES_SQL}
  SELECT bucket_start AS "bucketStart", ${LINE_COLUMNS}
  FROM bucket_line ORDER BY bucket_start LIMIT :limit`;

/**
 * The ledger lines of an event type, one per receive bucket that begins in the
 * range, oldest first; buckets in which nothing was accepted have none. The
 * work grows with the range, so keep it to some days.
 *
 * @public
 */
export async function listBucketLines(
  db: Knex,
  options: { eventType: string; from: Date; to: Date; limit: number },
): Promise<BucketLine[]> {
  const from = await sinceBooks(db, options.from);
  return queryRows<BucketLine>(db, BUCKET_LINES_SQL, { ...options, from });
}
