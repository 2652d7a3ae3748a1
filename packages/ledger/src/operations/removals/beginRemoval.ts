import { Knex } from 'knex';

/** @public */
export interface BeginRemovalOptions {
  eventType: string;
  /** Who withdrew it. */
  requestedBy: string;
  reason: string;
}

/**
 * Notes that an event type is to be taken down. Idempotent: the first note
 * stays, however far it has come since.
 *
 * @public
 */
export async function beginRemoval(
  db: Knex,
  options: BeginRemovalOptions,
): Promise<void> {
  const { eventType, requestedBy, reason } = options;
  await db.raw(
    `INSERT INTO removals (event_type, requested_by, reason)
     VALUES (:eventType, :requestedBy, :reason)
     ON CONFLICT (event_type) DO NOTHING`,
    { eventType, requestedBy, reason },
  );
}
