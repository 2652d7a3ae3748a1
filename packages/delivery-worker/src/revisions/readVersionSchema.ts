import { readSchemaVersion } from '@millrace/ledger';
import { Knex } from 'knex';
import { toTypeSchema, TypeSchema } from '../sealer/sealing';
import { RevisionError } from './errors';

/**
 * The schema of a given version of an event type, which may have successors.
 *
 * @throws RevisionError with code `schema_unknown`
 */
export async function readVersionSchema(
  ledger: Knex,
  options: { eventType: string; version: number | undefined },
): Promise<TypeSchema> {
  const { eventType, version } = options;
  const schema =
    version !== undefined &&
    (await readSchemaVersion(ledger, { eventType, version }));
  if (version === undefined || !schema) {
    throw new RevisionError(
      'schema_unknown',
      `No config snapshot has version ${
        version ?? '(none)'
      } of the event type ${eventType}`,
    );
  }
  return toTypeSchema({ eventType, version, schema });
}
