import { Knex } from 'knex';

/** @public */
export interface NoteRemovalWaitingOptions {
  eventType: string;
  /** Of the caller's closed list. */
  code: string;
  /** What it waits for, and what a person can do. */
  message: string;
}

/**
 * Says what a removal waits for. Since when stays while the reason is the same.
 * Writes nothing when nothing has changed.
 *
 * @public
 */
export async function noteRemovalWaiting(
  db: Knex,
  options: NoteRemovalWaitingOptions,
): Promise<void> {
  const { eventType, code, message } = options;
  await db.raw(
    `UPDATE removals SET
       waiting_since = CASE WHEN waiting_code = :code THEN waiting_since
         ELSE now() END,
       waiting_code = :code, waiting_message = :message
     WHERE event_type = :eventType AND archiving_at IS NULL
       AND (waiting_code, waiting_message)
         IS DISTINCT FROM (:code::text, :message::text)`,
    { eventType, code, message },
  );
}
