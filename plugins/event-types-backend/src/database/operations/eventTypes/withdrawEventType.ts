import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';

/**
 * Marks an event type as withdrawn until its grace is over; the row must be
 * locked. Both times are of the database's clock, by which {@link beginRemovals}
 * judges them.
 */
export async function withdrawEventType(
  tx: Knex.Transaction,
  options: { name: string; reason: string; graceMs: number; by: string },
): Promise<void> {
  const { name, reason, graceMs, by } = options;
  await tx<EventTypesRow>('event_types')
    .where({ name })
    .update({
      withdrawn_at: tx.raw('now()'),
      withdrawn_by: by,
      withdrawal_reason: reason,
      withdrawal_ends_at: tx.raw(
        "now() + :graceMs * interval '1 millisecond'",
        { graceMs },
      ),
      generation: tx.raw('generation + 1'),
      updated_at: tx.raw('now()'),
      updated_by: by,
    });
}
