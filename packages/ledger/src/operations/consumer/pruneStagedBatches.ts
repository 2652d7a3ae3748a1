import { Knex } from 'knex';
import { deleteInSteps } from '../../database/deleteInSteps';
import { queryCount } from '../../database/values';

/**
 * Forgets batches that were sealed before the given time, and the refused
 * batches recorded before it, but none of the last 31 days by the database's
 * clock: so long a broker may redeliver, and a forgotten batch that came again
 * would be staged again. Gives the number of rows.
 *
 * In steps, each a transaction of its own: what is cut short goes on at the next
 * call, and nobody waits for it. When a type received its first event is kept
 * before anything that says so is forgotten.
 *
 * @public
 */
export async function pruneStagedBatches(
  db: Knex,
  options: { before: Date; rowsPerStep?: number },
): Promise<number> {
  const { before, rowsPerStep } = options;
  await keepFirstReceptions(db, before);
  const staged = await deleteInSteps(db, {
    table: 'staged_batches',
    where: `consumed_at < least(:before, now() - interval '31 days')`,
    bindings: { before },
    rowsPerStep,
  });
  const refused = await deleteInSteps(db, {
    table: 'refused_batches',
    where: `recorded_at < least(:before, now() - interval '31 days')`,
    bindings: { before },
    rowsPerStep,
  });
  return staged + refused;
}

/** Moves back only, so that a crash before, or twice the same, changes nothing. */
async function keepFirstReceptions(db: Knex, before: Date): Promise<void> {
  await queryCount(
    db,
    `INSERT INTO first_receptions AS f (event_type, received_at)
     SELECT event_type, min(published_at) FROM staged_batches
     WHERE consumed_at < least(:before, now() - interval '31 days')
     GROUP BY event_type
     ORDER BY event_type
     ON CONFLICT (event_type) DO UPDATE SET received_at = excluded.received_at
     WHERE excluded.received_at < f.received_at`,
    { before },
  );
}
