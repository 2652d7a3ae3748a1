import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { LINES_SQL } from './linesSql';
import { sinceBooks } from './readBooksBegan';

/**
 * What one gateway epoch contributes to the lines of a range: `accepted =
 * delivered + duplicates + refused + in flight`, where in flight = staged +
 * unreadable + not arrived. A duplicate counts for the gateway whose copy was
 * removed; the delivered one may have come by another.
 *
 * @public
 */
export interface GatewayLine {
  gateway: string;
  epoch: string;
  accepted: number;
  /** In sealed partitions: `delivered + duplicates + refused`. */
  sealed: number;
  /**
   * Missing, like the two below, when events of the range were sealed by a
   * version that did not keep the fates of gateways apart.
   */
  delivered?: number;
  duplicates?: number;
  /** At sealing, kept with their reason. */
  refused?: number;
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

interface Row extends GatewayLine {
  isFateKnown: boolean;
}

/** Exported so that a test can look at its plan. */
export const GATEWAY_LINES_SQL = `${LINES_SQL}
  SELECT gateway, epoch, sum(accepted)::float8 AS accepted,
    sum(sealed)::float8 AS sealed,
    bool_and(is_fate_known) AS "isFateKnown",
    sum(delivered)::float8 AS delivered,
    sum(duplicates)::float8 AS duplicates, sum(refused)::float8 AS refused,
    sum(staged)::float8 AS staged,
    sum(unreadable)::float8 AS unreadable,
    sum(not_arrived)::float8 AS "notArrived",
    sum(missing_batches)::float8 AS "missingBatches",
    sum(outside)::float8 AS outside,
    sum(arrival_difference + fate_difference)::float8 AS difference,
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
  const rows = await queryRows<Row>(db, GATEWAY_LINES_SQL, {
    ...options,
    from,
  });
  return rows.map(({ isFateKnown, delivered, duplicates, refused, ...line }) =>
    isFateKnown ? { ...line, delivered, duplicates, refused } : line,
  );
}
