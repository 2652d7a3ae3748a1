import type {
  CompatibilityMode,
  EventTypeOrigin,
  Tier,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { DeclarationDetails } from '@millrace/schema';
import { toDetailColumns } from './detailColumns';

/**
 * Inserts an event type at version 1 and generation 1.
 *
 * @returns false when another event type has the name, and nothing was written
 */
export async function insertEventType(
  tx: Knex.Transaction,
  options: {
    name: string;
    description?: string;
    owner: string;
    tier: Tier;
    origin: EventTypeOrigin;
    location?: string;
    /** That of the table when left out. */
    compatibility?: CompatibilityMode;
    details?: DeclarationDetails;
    at: Date;
    by: string;
  },
): Promise<boolean> {
  const inserted = await tx('event_types')
    .insert({
      name: options.name,
      description: options.description ?? null,
      owner: options.owner,
      tier: options.tier,
      version: 1,
      generation: 1,
      origin: options.origin,
      location: options.location ?? null,
      ...(options.compatibility && { compatibility: options.compatibility }),
      ...toDetailColumns(options.details ?? {}),
      created_at: options.at,
      created_by: options.by,
      updated_at: options.at,
      updated_by: options.by,
    })
    .onConflict('name')
    .ignore()
    .returning('name');
  return inserted.length === 1;
}
