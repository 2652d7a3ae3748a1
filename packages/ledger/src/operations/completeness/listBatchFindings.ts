import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { BatchFault } from './findBatchFaults';

/** @public */
export interface BatchFinding extends BatchFault {
  /** How often it was met, for those met on arrival. */
  seenCount: number;
  foundAt: Date;
  /** When a later look no longer found it. */
  resolvedAt?: Date;
}

/** Exported so that a test can look at its plan. */
export const BATCH_FINDINGS_SQL = `
  SELECT bucket_start AS "bucketStart", gateway, epoch, kind,
    nullif(batch, 0) AS batch, events::float8 AS events,
    seen_count AS "seenCount", found_at AS "foundAt",
    resolved_at AS "resolvedAt"
  FROM batch_findings
  WHERE event_type = :eventType
    AND bucket_start >= :from AND bucket_start < :to
  ORDER BY bucket_start, gateway, epoch, kind, batch LIMIT :limit`;

/**
 * What was found about the batches of receive buckets in a range, oldest bucket
 * first.
 *
 * @public
 */
export async function listBatchFindings(
  db: Knex,
  options: { eventType: string; from: Date; to: Date; limit: number },
): Promise<BatchFinding[]> {
  const rows = await queryRows<
    Omit<BatchFinding, 'batch' | 'events' | 'resolvedAt'> & {
      batch: number | null;
      events: number | null;
      resolvedAt: Date | null;
    }
  >(db, BATCH_FINDINGS_SQL, { ...options });
  return rows.map(row => ({
    ...row,
    batch: row.batch ?? undefined,
    events: row.events ?? undefined,
    resolvedAt: row.resolvedAt ?? undefined,
  }));
}
