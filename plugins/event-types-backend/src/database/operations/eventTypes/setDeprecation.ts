import type { DeprecationRequest } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';

/**
 * Deprecates an event type, or lifts the deprecation; the row must be locked.
 * One that is only reworded keeps since when it holds.
 */
export async function setDeprecation(
  tx: Knex.Transaction,
  options: {
    name: string;
    deprecation: DeprecationRequest | undefined;
    since: Date;
    generation: number;
    at: Date;
    by: string;
  },
): Promise<void> {
  const { deprecation } = options;
  await tx<EventTypesRow>('event_types')
    .where({ name: options.name })
    .update({
      deprecation_message: deprecation?.message ?? null,
      deprecated_at: deprecation ? options.since : null,
      deprecated_by: deprecation ? options.by : null,
      deprecation_ends_on: deprecation?.endsOn ?? null,
      deprecation_successor: deprecation?.successor ?? null,
      generation: options.generation,
      updated_at: options.at,
      updated_by: options.by,
    });
}
