import { parseEventSchema } from '../avro/parseEventSchema';
import type { AvroRecord, EventSchema } from '../avro/types';
import { annotatedFieldsOf } from './annotatedFields';

/**
 * Writes into a schema what an earlier one says of the same fields, by path: their
 * semantic types and descriptions, where the schema says nothing itself. For
 * schemas from sources that speak of types alone, such as samples of events.
 *
 * @throws SchemaError with code `invalid_schema`, never for a parsed schema
 * @public
 */
export function keepAnnotations(
  schema: EventSchema,
  earlier: EventSchema,
): EventSchema {
  const avro: AvroRecord = JSON.parse(JSON.stringify(schema.avro));
  keep(avro, earlier.avro, ['doc']);
  const said = new Map(
    annotatedFieldsOf(earlier).map(({ path, field }) => [path, field]),
  );
  for (const { path, field } of annotatedFieldsOf({ avro })) {
    keep(field, said.get(path), ['semanticType', 'doc']);
  }
  return parseEventSchema(avro);
}

function keep<T extends object>(
  target: T,
  earlier: T | undefined,
  annotations: (keyof T)[],
): void {
  for (const annotation of annotations) {
    const value = earlier?.[annotation];
    if (value !== undefined && target[annotation] === undefined) {
      target[annotation] = value;
    }
  }
}
