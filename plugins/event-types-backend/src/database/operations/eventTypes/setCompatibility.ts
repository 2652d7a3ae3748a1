import type { CompatibilityMode } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';

/** Changes the compatibility mode; the row must be locked. */
export async function setCompatibility(
  tx: Knex.Transaction,
  options: {
    name: string;
    compatibility: CompatibilityMode;
    generation: number;
    at: Date;
    by: string;
  },
): Promise<void> {
  await tx<EventTypesRow>('event_types').where({ name: options.name }).update({
    compatibility: options.compatibility,
    generation: options.generation,
    updated_at: options.at,
    updated_by: options.by,
  });
}
