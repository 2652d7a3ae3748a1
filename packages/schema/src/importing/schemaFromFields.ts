import { EventSchema } from '../avro/types';
import { SchemaError } from '../errors';
import { schemaFromShape } from './avroFromShape';
import { Member, Shape } from './shape';

/**
 * The types a person can choose in a form.
 *
 * @public
 */
export type SimpleFieldType =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'timestamp'
  | 'date'
  | 'json'
  | 'string[]';

/** @public */
export interface SimpleField {
  name: string;
  type: SimpleFieldType;
  required: boolean;
  doc?: string;
  semanticType?: string;
}

const SHAPES: Record<SimpleFieldType, Shape> = {
  string: { kind: 'string' },
  boolean: { kind: 'boolean' },
  integer: { kind: 'long' },
  number: { kind: 'double' },
  timestamp: { kind: 'timestamp' },
  date: { kind: 'date' },
  json: { kind: 'json' },
  'string[]': {
    kind: 'array',
    values: { shape: { kind: 'string' }, nullable: false },
  },
};

/**
 * Makes a schema from a plain list of fields.
 *
 * @throws SchemaError with code `invalid_schema`
 * @public
 */
export function schemaFromFields(
  fields: readonly SimpleField[],
  options: { name: string },
): EventSchema {
  const members = new Map<string, Member>();
  fields.forEach((field, index) => {
    const pointer = `/fields/${index}`;
    if (!Object.hasOwn(SHAPES, field.type)) {
      throw new SchemaError('invalid_schema', 'A field has an unknown type', [
        {
          code: 'unsupported_type',
          pointer: `${pointer}/type`,
          message: `The type of a field is one of ${Object.keys(SHAPES).join(
            ', ',
          )}`,
        },
      ]);
    }
    if (members.has(field.name)) {
      throw new SchemaError('invalid_schema', 'Two fields have one name', [
        {
          code: 'duplicate_name',
          pointer: `${pointer}/name`,
          message: 'Another field has this name',
        },
      ]);
    }
    members.set(field.name, {
      shape: SHAPES[field.type],
      nullable: false,
      required: field.required,
      ...(field.doc !== undefined && { doc: field.doc }),
      ...(field.semanticType !== undefined && {
        semanticType: field.semanticType,
      }),
    });
  });
  return schemaFromShape({ kind: 'record', fields: members }, options);
}
