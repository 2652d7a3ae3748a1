import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { LINES_SQL } from './linesSql';
import { sinceBooks } from './readBooksBegan';

/**
 * What one gateway epoch contributes to the lines of a range: `accepted =
 * sealed + staged + unreadable + not arrived`. Fates are known of a bucket, not
 * of a gateway: a duplicate may be a copy of an event that came by another.
 *
 * @public
 */
export interface GatewayLine {
  gateway: string;
  epoch: string;
  accepted: number;
  /** In sealed partitions: delivered, duplicate or refused. */
  sealed: number;
  staged: number;
  unreadable: number;
  notArrived: number;
  missingBatches: number;
  /** Of accepted, what came in batches that the declaration does not count. */
  outside: number;
  difference: number;
  /** Receive buckets of the range in which it accepted something. */
  buckets: number;
  /** How many of those it has declared. */
  declaredBuckets: number;
}

/** Exported so that a test can look at its plan. */
export const GATEWAY_LINES_SQL = `${LINES_SQL}
  SELECT gateway, epoch, sum(accepted)::float8 AS accepted,
    sum(sealed)::float8 AS sealed, sum(staged)::float8 AS staged,
    sum(unreadable)::float8 AS unreadable,
    sum(not_arrived)::float8 AS "notArrived",
    sum(missing_batches)::float8 AS "missingBatches",
    sum(outside)::float8 AS outside,
    sum(abs(difference))::float8 AS difference,
    count(*)::integer AS buckets,
    (count(*) FILTER (WHERE is_declared))::integer AS "declaredBuckets"
  FROM gateway_line GROUP BY gateway, epoch
  ORDER BY gateway, epoch LIMIT :limit`;

/**
 * The lines of a range by gateway and epoch: of one bucket, or of a day.
 *
 * @public
 */
export async function listGatewayLines(
  db: Knex,
  options: { eventType: string; from: Date; to: Date; limit: number },
): Promise<GatewayLine[]> {
  const from = await sinceBooks(db, options.from);
  return queryRows<GatewayLine>(db, GATEWAY_LINES_SQL, { ...options, from });
}
