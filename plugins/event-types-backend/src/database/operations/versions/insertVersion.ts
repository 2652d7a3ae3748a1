import type {
  CompatibilityMode,
  FieldSummary,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { replaceFields } from '../../../search/operations/replaceFields';

/**
 * Adds a schema version, the newest, and makes its fields those that are found.
 * A version that exists already is an error.
 */
export async function insertVersion(
  tx: Knex.Transaction,
  options: {
    eventType: string;
    version: number;
    schema: unknown;
    fields: FieldSummary[];
    /** In which it is published. */
    mode: CompatibilityMode;
    at: Date;
    by: string;
  },
): Promise<void> {
  await tx('event_type_versions').insert({
    event_type: options.eventType,
    version: options.version,
    schema: JSON.stringify(options.schema),
    fields: JSON.stringify(options.fields),
    mode: options.mode,
    created_at: options.at,
    created_by: options.by,
  });
  await replaceFields(tx, options);
}
