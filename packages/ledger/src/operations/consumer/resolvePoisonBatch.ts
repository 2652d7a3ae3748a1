import { Knex } from 'knex';

/**
 * Says that another attempt at a message has succeeded. Does nothing when it
 * was set aside again: then no retry is asked for any more.
 *
 * @public
 */
export async function resolvePoisonBatch(
  db: Knex,
  options: { poisonId: string },
): Promise<void> {
  await db.raw(
    `UPDATE poison_batches SET resolved_at = now(), retry_requested_at = NULL
     WHERE poison_id = :poisonId AND retry_requested_at IS NOT NULL`,
    { poisonId: options.poisonId },
  );
}
