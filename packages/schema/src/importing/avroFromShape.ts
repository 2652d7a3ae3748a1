import { isAvroName, isAvroTypeName, isJsonFieldName } from '../avro/names';
import { parseEventSchema } from '../avro/parseEventSchema';
import { AvroField, AvroRecord, AvroType, EventSchema } from '../avro/types';
import { Member, ScalarShape, Shape, Slot } from './shape';

const SCALAR_TYPES: Record<ScalarShape, AvroType> = {
  boolean: 'boolean',
  long: 'long',
  double: 'double',
  string: 'string',
  timestamp: { type: 'long', logicalType: 'timestamp-micros' },
  date: { type: 'int', logicalType: 'date' },
  uuid: { type: 'string', logicalType: 'uuid' },
  json: { type: 'string', logicalType: 'json' },
};

/** Names given out so far, and the records that can be referred to again. */
interface Naming {
  taken: Set<string>;
  definitions: Map<string, string>;
}

type RecordShape = Extract<Shape, { kind: 'record' }>;

/**
 * Writes a record shape as a schema. Records with the same content are defined
 * once and then referred to, named after the field where they first appear.
 *
 * @throws SchemaError with code `invalid_schema`
 */
export function schemaFromShape(
  shape: RecordShape,
  options: { name: string },
): EventSchema {
  const name = toAvroName(options.name);
  const naming: Naming = { taken: new Set([name]), definitions: new Map() };
  const root: AvroRecord = {
    type: 'record',
    name,
    ...(shape.doc !== undefined && { doc: shape.doc }),
    fields: avroFields(shape, naming),
  };
  return parseEventSchema(root);
}

function avroFields(shape: RecordShape, naming: Naming): AvroField[] {
  const names = new Set<string>();
  return [...shape.fields].map(([jsonName, member]) => {
    const name = uniqueName(toAvroName(jsonName), names);
    const isOptional = !member.required || member.nullable;
    const type = avroType(member.shape, jsonName, naming);
    return {
      name,
      type: isOptional ? ['null', type] : type,
      ...(isOptional && { default: null }),
      ...(name !== jsonName && { jsonName }),
      ...annotationsOf(member),
    };
  });
}

function annotationsOf(member: Member): Partial<AvroField> {
  return {
    ...(member.doc !== undefined && { doc: member.doc }),
    ...(member.semanticType !== undefined && {
      semanticType: member.semanticType,
    }),
  };
}

function avroType(shape: Shape, jsonName: string, naming: Naming): AvroType {
  switch (shape.kind) {
    case 'unknown':
      return SCALAR_TYPES.json;
    case 'array':
      return { type: 'array', items: slotType(shape.values, jsonName, naming) };
    case 'map':
      return { type: 'map', values: slotType(shape.values, jsonName, naming) };
    case 'record':
      // Keys that no column can be named after leave the object as JSON.
      return hasRepresentableKeys(shape)
        ? avroRecord(shape, jsonName, naming)
        : SCALAR_TYPES.json;
    default:
      return SCALAR_TYPES[shape.kind];
  }
}

function slotType(slot: Slot, jsonName: string, naming: Naming): AvroType {
  const type = avroType(slot.shape, jsonName, naming);
  return slot.nullable ? ['null', type] : type;
}

function avroRecord(
  shape: RecordShape,
  jsonName: string,
  naming: Naming,
): AvroType {
  const signature = signatureOf(shape);
  const known = naming.definitions.get(signature);
  if (known) {
    return known;
  }
  const name = uniqueName(toAvroName(jsonName), naming.taken);
  const record: AvroRecord = {
    type: 'record',
    name,
    ...(shape.doc !== undefined && { doc: shape.doc }),
    fields: avroFields(shape, naming),
  };
  // Only now: a record may be referred to after its definition, not inside it.
  naming.definitions.set(signature, name);
  return record;
}

function signatureOf(shape: RecordShape): string {
  return JSON.stringify(shape, (_key, value) =>
    value instanceof Map ? [...value] : value,
  );
}

function hasRepresentableKeys(shape: RecordShape): boolean {
  const keys = [...shape.fields.keys()];
  return (
    keys.every(isJsonFieldName) &&
    new Set(keys.map(key => key.toLowerCase())).size === keys.length
  );
}

/** Turns any text into an Avro name: `+1` becomes `plus_1`. */
export function toAvroName(text: string): string {
  const words = text
    .replace(/^\+/, 'plus_')
    .replace(/^-/, 'minus_')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .slice(0, 200);
  const name = /^[0-9]/.test(words) || words === '' ? `n_${words}` : words;
  return isAvroName(name) && !isAvroTypeName(name) ? name : `${name}_`;
}

/** Case is folded, as in the check of field names. */
function uniqueName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name.toLowerCase()); n += 1) {
    name = `${wanted}_${n}`;
  }
  taken.add(name.toLowerCase());
  return name;
}
