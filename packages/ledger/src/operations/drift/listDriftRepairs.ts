import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { DriftRepair } from './recordDriftRepairs';

/** @public */
export interface DriftRepairRecord extends DriftRepair {
  repairedAt: Date;
}

/**
 * The newest repairs, newest first: of all, or of one event type.
 *
 * @param options - `since`: only those that were made then or later
 * @public
 */
export async function listDriftRepairs(
  db: Knex,
  options: { limit: number; eventType?: string; since?: Date },
): Promise<DriftRepairRecord[]> {
  const rows = await queryRows<
    Omit<DriftRepairRecord, 'eventType'> & { eventType: string | null }
  >(
    db,
    `SELECT event_type AS "eventType", kind, name, drift, message,
       found_at AS "foundAt", repaired_at AS "repairedAt"
     FROM drift_repairs
     WHERE (:eventType::text IS NULL OR event_type = :eventType)
       AND (:since::timestamptz IS NULL OR repaired_at >= :since)
     ORDER BY repaired_at DESC, repair_id DESC
     LIMIT :limit`,
    {
      limit: options.limit,
      eventType: options.eventType ?? null,
      since: options.since ?? null,
    },
  );
  return rows.map(row => ({ ...row, eventType: row.eventType ?? undefined }));
}
