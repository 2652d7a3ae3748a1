import { FieldModel, RecordModel, TypeModel } from '../avro/model';
import { TEXT_RULES } from './texts';

/** The few JSON Schema keywords the derived schemas are made of. */
export interface DerivedSchema {
  $ref?: string;
  $defs?: Record<string, DerivedSchema>;
  type?: string;
  nullable?: true;
  anyOf?: DerivedSchema[];
  allOf?: DerivedSchema[];
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  items?: DerivedSchema;
  properties?: Record<string, DerivedSchema | true>;
  additionalProperties?: boolean | DerivedSchema;
  required?: string[];
}

/**
 * What compiling a record costs grows with the square of its width, so a wide
 * one is compiled in groups of so many fields.
 */
const MAX_GROUP_FIELDS = 40;

const FLOAT_MAX = 3.4028234663852886e38;

const SCALARS: Record<string, DerivedSchema> = {
  boolean: { type: 'boolean' },
  int: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  // Beyond the safe integers a number has already lost digits on its way
  // through JavaScript; storing it would store a value nobody sent.
  long: {
    type: 'integer',
    minimum: Number.MIN_SAFE_INTEGER,
    maximum: Number.MAX_SAFE_INTEGER,
  },
  float: { type: 'number', minimum: -FLOAT_MAX, maximum: FLOAT_MAX },
  double: { type: 'number' },
  string: { type: 'string' },
  ...TEXT_RULES,
};

/**
 * Derives the JSON Schema that events of a type must satisfy. Each record
 * becomes a definition of its own, so that the compiled validator consists of
 * many small functions, which V8 optimises, instead of one huge one.
 */
export function deriveJsonSchema(model: RecordModel): DerivedSchema {
  const definitions = new Map<string, DerivedSchema>();
  const root = deriveRecord(model, definitions);
  return { ...root, $defs: Object.fromEntries(definitions) };
}

function deriveRecord(
  record: RecordModel,
  definitions: Map<string, DerivedSchema>,
): DerivedSchema {
  const { fields } = record;
  const required = fields
    .filter(field => field.required)
    .map(field => field.jsonName);
  if (fields.length <= MAX_GROUP_FIELDS) {
    const properties = deriveFields(fields, definitions);
    return {
      type: 'object',
      properties,
      required,
      additionalProperties: false,
    };
  }
  const groups: DerivedSchema[] = [];
  for (let i = 0; i < fields.length; i += MAX_GROUP_FIELDS) {
    const group = fields.slice(i, i + MAX_GROUP_FIELDS);
    // No Avro name has a colon in it.
    const name = `${record.name}:${i}`;
    const properties = deriveFields(group, definitions);
    definitions.set(name, { type: 'object', properties });
    groups.push({ $ref: `#/$defs/${name}` });
  }
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(each => [each.jsonName, true])),
    required,
    additionalProperties: false,
    allOf: groups,
  };
}

function deriveFields(
  fields: readonly FieldModel[],
  definitions: Map<string, DerivedSchema>,
): Record<string, DerivedSchema> {
  return Object.fromEntries(
    fields.map(({ jsonName, type, required }) => [
      jsonName,
      deriveType(type, !required, definitions),
    ]),
  );
}

function deriveType(
  type: TypeModel,
  optional: boolean,
  definitions: Map<string, DerivedSchema>,
): DerivedSchema {
  const nullable = optional && { nullable: true as const };
  switch (type.kind) {
    case 'json':
      return {};
    case 'enum':
      return {
        type: 'string',
        enum: optional ? [...type.symbols, null] : [...type.symbols],
        ...nullable,
      };
    case 'array':
      return {
        type: 'array',
        items: deriveType(type.values, type.valuesOptional, definitions),
        ...nullable,
      };
    case 'map':
      return {
        type: 'object',
        additionalProperties: deriveType(
          type.values,
          type.valuesOptional,
          definitions,
        ),
        ...nullable,
      };
    case 'record': {
      if (!definitions.has(type.name)) {
        definitions.set(type.name, deriveRecord(type, definitions));
      }
      const reference = { $ref: `#/$defs/${type.name}` };
      return optional ? { anyOf: [{ type: 'null' }, reference] } : reference;
    }
    default:
      return { ...SCALARS[type.kind], ...nullable };
  }
}
