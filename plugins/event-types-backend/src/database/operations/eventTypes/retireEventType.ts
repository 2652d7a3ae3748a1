import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';

/** Marks an event type as one that takes no more events; the row must be locked. */
export async function retireEventType(
  tx: Knex.Transaction,
  options: { name: string; generation: number; at: Date; by: string },
): Promise<void> {
  await tx<EventTypesRow>('event_types').where({ name: options.name }).update({
    retired_at: options.at,
    generation: options.generation,
    updated_at: options.at,
    updated_by: options.by,
  });
}
