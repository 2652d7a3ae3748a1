import {
  type CompatibilityMode,
  type EventSchema,
  type SchemaDifference,
  diffSchemas,
} from '@millrace/schema';
import type { Knex } from 'knex';
import {
  type VersionText,
  listVersionTexts,
} from '../database/operations/versions/listVersionTexts';
import { createPacer } from './createPacer';
import { StoredSchemas } from './StoredSchemas';

/** What differs from one earlier version. */
export interface ComparedVersion {
  version: number;
  schema: EventSchema;
  differences: SchemaDifference[];
}

/** Of all event types: what a schema means does not depend on whose it is. */
const storedSchemas = new StoredSchemas();

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
  const all = mode === 'all' || mode.endsWith('-transitive');
  const versions = await listVersionTexts(db, {
    eventType,
    ...(!all && { limit: 1 }),
  });
  return await compareVersions(versions, next);
}

/**
 * The same with the versions at hand. However many there are and however large,
 * the event loop goes on: it waits at most as long as one of them takes.
 *
 * @param options - `sliceMs`: how long it may work between two turns of the
 * event loop
 */
export async function compareVersions(
  versions: readonly VersionText[],
  next: EventSchema,
  options: { sliceMs?: number } = {},
): Promise<ComparedVersion[]> {
  const pace = createPacer(options.sliceMs);
  const compared: ComparedVersion[] = [];
  for (const { version, text } of versions) {
    const schema = storedSchemas.read(text);
    compared.push({ version, schema, differences: diffSchemas(schema, next) });
    await pace();
  }
  return compared;
}
