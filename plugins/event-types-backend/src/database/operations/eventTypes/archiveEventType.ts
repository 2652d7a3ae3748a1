import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';

/**
 * Puts an event type away whose removal has begun. Idempotent: the first time
 * counts.
 *
 * @returns whether it is archived, now or from before
 */
export async function archiveEventType(
  tx: Knex.Transaction,
  options: { name: string; by: string },
): Promise<boolean> {
  const archived = await tx<EventTypesRow>('event_types')
    .where({ name: options.name })
    .whereNotNull('removal_began_at')
    .update({
      archived_at: tx.raw('coalesce(archived_at, now())'),
      generation: tx.raw(
        'generation + CASE WHEN archived_at IS NULL THEN 1 ELSE 0 END',
      ),
      updated_at: tx.raw(
        'CASE WHEN archived_at IS NULL THEN now() ELSE updated_at END',
      ),
      updated_by: tx.raw(
        'CASE WHEN archived_at IS NULL THEN :by ELSE updated_by END',
        { by: options.by },
      ),
    });
  return archived === 1;
}
