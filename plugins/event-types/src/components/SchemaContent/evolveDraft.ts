import type {
  FieldSummary,
  SimpleFieldType,
} from '@millrace/plugin-event-types-common';
import { type Draft, newDraft, newFieldRow } from '../RegisterForm/draft';

/** What the simple list of fields calls the types of a schema. */
const SIMPLE_TYPES: { [type: string]: SimpleFieldType } = {
  string: 'string',
  boolean: 'boolean',
  long: 'integer',
  double: 'number',
  timestamp: 'timestamp',
  date: 'date',
  json: 'json',
  'array<string>': 'string[]',
};

/**
 * A draft to change a schema in: as Avro, which holds everything; and, where the
 * schema is simple enough for it, as a list of fields as well.
 */
export function evolveDraft(schema: unknown, fields: FieldSummary[]): Draft {
  const isSimple = fields.every(
    ({ path, type }) =>
      Object.hasOwn(SIMPLE_TYPES, type) && !path.includes('.'),
  );
  return {
    ...newDraft(),
    source: 'schema',
    schemaText: JSON.stringify(schema, undefined, 2),
    ...(isSimple && {
      fields: fields.map(
        ({ path, type, required, doc = '', semanticType }) => ({
          ...newFieldRow(),
          name: path,
          type: SIMPLE_TYPES[type],
          required,
          doc,
          semanticType,
        }),
      ),
    }),
  };
}
