import { Knex } from 'knex';
import { inTransaction } from '../../database/values';

/**
 * Forgets all but the newest generations of the history, and of the parts what
 * they ran before the oldest that is kept. What a part runs now is never
 * forgotten.
 *
 * @public
 */
export async function pruneRollouts(
  db: Knex,
  options: { keep: number },
): Promise<void> {
  await inTransaction(db, async tx => {
    await tx.raw(
      `DELETE FROM rollouts WHERE generation <= (
         SELECT max(generation) FROM rollouts) - :keep`,
      { keep: options.keep },
    );
    await tx.raw(
      `DELETE FROM component_rollouts c
       WHERE c.generation < (SELECT min(generation) FROM rollouts)
         AND NOT EXISTS (
           SELECT FROM gateways g WHERE c.kind = 'gateway'
             AND g.gateway = c.name AND g.epoch = c.life
             AND g.generation = c.generation AND g.ended_at IS NULL)
         AND NOT EXISTS (
           SELECT FROM workers w WHERE c.kind = 'worker' AND w.worker = c.name
             AND w.generation = c.generation)`,
    );
  });
}
