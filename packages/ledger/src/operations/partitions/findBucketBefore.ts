import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** Exported so that a test can look at its plan. */
export const BUCKET_BEFORE_SQL = `
  SELECT max(start) AS start FROM (
    (SELECT p.bucket_start AS start FROM partitions p
     WHERE p.event_type = :eventType AND p.bucket_start < :before
     ORDER BY p.event_type DESC, p.bucket_start DESC LIMIT 1)
    UNION ALL
    (SELECT d.bucket_start FROM gateway_bucket_counts d
     WHERE d.event_type = :eventType AND d.bucket_start < :before
     ORDER BY d.event_type DESC, d.bucket_start DESC LIMIT 1)
    UNION ALL
    (SELECT s.bucket_start FROM staged_batches s
     WHERE s.event_type = :eventType AND s.bucket_start < :before
     ORDER BY s.event_type DESC, s.bucket_start DESC LIMIT 1)
  ) known`;

/**
 * The start of the newest bucket before an instant of which the ledger knows
 * anything, so that whoever pages backwards need not walk through silence:
 * three steps into an index, however long ago it was.
 *
 * @public
 */
export async function findBucketBefore(
  db: Knex,
  options: { eventType: string; before: Date },
): Promise<Date | undefined> {
  const [{ start }] = await queryRows<{ start: Date | null }>(
    db,
    BUCKET_BEFORE_SQL,
    { ...options },
  );
  return start ?? undefined;
}
