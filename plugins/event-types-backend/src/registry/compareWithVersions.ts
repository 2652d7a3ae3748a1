import {
  type CompatibilityMode,
  type EventSchema,
  type SchemaDifference,
  diffSchemas,
  parseEventSchema,
} from '@millrace/schema';
import type { Knex } from 'knex';
import { listVersions } from '../database/operations/versions/listVersions';

/** What differs from one earlier version. */
export interface ComparedVersion {
  version: number;
  schema: EventSchema;
  differences: SchemaDifference[];
}

/**
 * Compares a schema with the versions that a mode looks at, the newest first:
 * all of them for a transitive mode, and otherwise the newest alone.
 */
export async function compareWithVersions(
  db: Knex,
  options: {
    eventType: string;
    next: EventSchema;
    mode: CompatibilityMode | 'all';
  },
): Promise<ComparedVersion[]> {
  const { eventType, next, mode } = options;
  const versions = await listVersions(db, { eventType });
  const all = mode === 'all' || mode.endsWith('-transitive');
  return versions.slice(0, all ? undefined : 1).map(({ version, schema }) => {
    const parsed = parseEventSchema(schema);
    return { version, schema: parsed, differences: diffSchemas(parsed, next) };
  });
}
