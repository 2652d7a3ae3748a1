import { Knex } from 'knex';

/** Something that was changed at the broker by hand, and put back. @public */
export interface DriftRepair {
  /** Missing for what serves no single event type. */
  eventType?: string;
  kind: 'topic' | 'subscription';
  name: string;
  drift: 'deleted' | 'changed';
  /** What was found and what was done, in words. */
  message: string;
  foundAt: Date;
}

/**
 * Keeps what was repaired at the broker.
 *
 * @public
 */
export async function recordDriftRepairs(
  db: Knex,
  repairs: DriftRepair[],
): Promise<void> {
  await db.raw(
    `INSERT INTO drift_repairs (event_type, kind, name, drift, message,
       found_at)
     SELECT r."eventType", r.kind, r.name, r.drift, r.message, r."foundAt"
     FROM jsonb_to_recordset(:repairs::jsonb) AS r ("eventType" text, kind text,
       name text, drift text, message text, "foundAt" timestamptz)`,
    { repairs: JSON.stringify(repairs) },
  );
}
