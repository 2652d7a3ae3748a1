import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { DriftRepair } from './recordDriftRepairs';

/** @public */
export interface DriftRepairRecord extends DriftRepair {
  repairedAt: Date;
}

/**
 * The newest repairs, newest first.
 *
 * @public
 */
export async function listDriftRepairs(
  db: Knex,
  options: { limit: number },
): Promise<DriftRepairRecord[]> {
  const rows = await queryRows<
    Omit<DriftRepairRecord, 'eventType'> & { eventType: string | null }
  >(
    db,
    `SELECT event_type AS "eventType", kind, name, drift, message,
       found_at AS "foundAt", repaired_at AS "repairedAt"
     FROM drift_repairs ORDER BY repaired_at DESC, repair_id DESC
     LIMIT :limit`,
    { limit: options.limit },
  );
  return rows.map(row => ({ ...row, eventType: row.eventType ?? undefined }));
}
