import type { Tier } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';

/** Replaces what may change about an event type; the row must be locked. */
export async function updateEventType(
  tx: Knex.Transaction,
  options: {
    name: string;
    description?: string;
    owner: string;
    tier: Tier;
    version: number;
    generation: number;
    location?: string;
    /** Null when the newest schema takes events of all versions. */
    sealingSchema: unknown;
    at: Date;
    by: string;
  },
): Promise<void> {
  await tx<EventTypesRow>('event_types')
    .where({ name: options.name })
    .update({
      description: options.description ?? null,
      owner: options.owner,
      tier: options.tier,
      version: options.version,
      generation: options.generation,
      location: options.location ?? null,
      sealing_schema:
        options.sealingSchema === null
          ? null
          : JSON.stringify(options.sealingSchema),
      updated_at: options.at,
      updated_by: options.by,
    });
}
