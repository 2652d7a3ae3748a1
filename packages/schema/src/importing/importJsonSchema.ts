import { EventSchema } from '../avro/types';
import { SchemaError } from '../errors';
import { schemaFromShape } from './avroFromShape';
import { slotFromJsonSchema } from './jsonSchemaShape';

/**
 * Turns a JSON Schema (draft-07) into an event schema.
 *
 * - Variants (`oneOf`, `anyOf`) become one record with the fields of all of
 *   them; a field is required only if every variant requires it. `allOf` adds
 *   up. A field whose variants disagree about its type becomes `json`, and so
 *   does a reference to something that contains itself.
 * - `integer` becomes long, `number` double, the formats `date-time`, `date`
 *   and `uuid` their logical types. Enums become string, because enums grow.
 * - An object with listed properties becomes a record and takes nothing else,
 *   even if the document does not say `additionalProperties: false`: Millrace
 *   refuses what a schema does not describe. Where the document says outright
 *   that unlisted keys will come, the object becomes `json`, or a map if it
 *   lists no properties; only at the top level the listed properties win.
 * - Rules about values (lengths, patterns, ranges) are left out: they are
 *   quality checks, not structure.
 *
 * @param document - the schema; its references point into itself
 * @param options - `name` of the event type; `definitions` are found by
 * `#/definitions/<name>` when the document does not hold them itself
 * @throws SchemaError with code `invalid_json_schema` when the document cannot
 * be read, `remote_reference` when it refers to another one, `invalid_schema`
 * when the result is not a schema (for example too many fields)
 * @public
 */
export function importJsonSchema(
  document: unknown,
  options: { name: string; definitions?: Record<string, unknown> },
): EventSchema {
  const { shape } = slotFromJsonSchema(document, options.definitions ?? {});
  if (shape.kind !== 'record') {
    throw new SchemaError(
      'invalid_json_schema',
      'The JSON Schema of an event describes an object with properties',
    );
  }
  return schemaFromShape(shape, options);
}
