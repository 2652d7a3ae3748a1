import { readConfigSnapshot } from '@millrace/ledger';
import { EventSchema, parseEventSchema, SchemaError } from '@millrace/schema';
import { Knex } from 'knex';
import { SinkError } from './errors';

/**
 * What a sink makes of the schema that an event type is sealed with.
 *
 * @param use - may throw a SchemaError: the sink cannot take such a schema
 * @throws SinkError with code `schema_unknown` or `schema_not_loadable`
 */
export async function withDeclaredSchema<T>(
  ledger: Knex,
  eventType: string,
  use: (schema: EventSchema) => T,
): Promise<T> {
  const snapshot = await readConfigSnapshot(ledger, { eventType });
  const declared = snapshot?.eventTypes.find(({ name }) => name === eventType);
  if (!declared) {
    throw new SinkError(
      'schema_unknown',
      `No config snapshot has the event type ${eventType}`,
    );
  }
  try {
    return use(parseEventSchema(declared.sealingSchema ?? declared.schema));
  } catch (error) {
    if (error instanceof SchemaError) {
      throw new SinkError('schema_not_loadable', error.message);
    }
    throw error;
  }
}
