import type {
  EventTypeOrigin,
  Tier,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { DeclarationDetails } from '@millrace/schema';
import { toDetailColumns } from './detailColumns';

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
    origin: EventTypeOrigin;
    location?: string;
    /** Null when the newest schema takes events of all versions. */
    sealingSchema: unknown;
    adoptedAt: Date | null;
    details: DeclarationDetails;
    at: Date;
    by: string;
  },
): Promise<void> {
  await tx('event_types')
    .where({ name: options.name })
    .update({
      description: options.description ?? null,
      owner: options.owner,
      tier: options.tier,
      version: options.version,
      generation: options.generation,
      origin: options.origin,
      location: options.location ?? null,
      sealing_schema:
        options.sealingSchema === null
          ? null
          : JSON.stringify(options.sealingSchema),
      adopted_at: options.adoptedAt,
      // Whoever writes it has a declaration of it.
      orphaned_at: null,
      ...toDetailColumns(options.details),
      updated_at: options.at,
      updated_by: options.by,
    });
}
