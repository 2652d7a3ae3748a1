import { parseEventSchema } from '../avro/parseEventSchema';
import type { AvroField, EventSchema } from '../avro/types';
import type { PrivacyFinding } from './findPersonalFields';
import { findPersonalFields } from './findPersonalFields';
import type { SemanticType } from './semanticTypes';

/**
 * Writes decisions into a schema: each field that probably holds something about
 * a person gets the semantic type that `decide` gives it, and none when it gives
 * none. Fields that are decided already stay as they are.
 *
 * @throws SchemaError with code `invalid_schema`, never for a parsed schema
 * @public
 */
export function decideFields(
  schema: EventSchema,
  decide: (finding: PrivacyFinding) => SemanticType | undefined,
  options: { samples?: readonly unknown[] } = {},
): EventSchema {
  const avro: unknown = JSON.parse(JSON.stringify(schema.avro));
  for (const finding of findPersonalFields(schema, options)) {
    const semanticType = decide(finding);
    const field = fieldAt(avro, finding.pointer);
    if (semanticType && field) {
      field.semanticType = semanticType;
    }
  }
  return parseEventSchema(avro);
}

function fieldAt(root: unknown, pointer: string): AvroField | undefined {
  let node: unknown = root;
  for (const token of pointer.split('/').slice(1)) {
    node = (node as { [key: string]: unknown })[token];
  }
  return node as AvroField | undefined;
}
