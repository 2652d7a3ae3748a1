import { FieldModel, modelOf, RecordModel, TypeModel } from '../avro/model';
import { parseEventSchema } from '../avro/parseEventSchema';
import { AvroType, EventSchema } from '../avro/types';
import { typeChangeOf } from './typeChange';

/**
 * The schema with which events of all the given versions can be stored in one
 * partition: the fields of each version, those that are not required in all of
 * them optional, each with the widest of its types. Where two versions have
 * types of different columns, the newer one's is taken.
 *
 * It is the newest version itself while every version was backward compatible
 * with the one before. Otherwise it keeps what is in flight: a field that a
 * newer version has dropped still has its column for events that were accepted
 * with it.
 *
 * @param newestFirst - at least one
 * @throws SchemaError with code `invalid_schema` when the versions do not go
 * into one set of columns, such as two fields whose names differ only in case
 * @public
 */
export function uniteSchemas(newestFirst: readonly EventSchema[]): EventSchema {
  const [newest, ...older] = newestFirst;
  const model = modelOf(newest);
  const united = older.reduce<RecordModel>(
    (wider, schema) => uniteRecords(wider, modelOf(schema)),
    model,
  );
  if (isSameType(united, model)) {
    return newest;
  }
  return parseEventSchema(createWriter()(united));
}

function uniteRecords(newer: RecordModel, older: RecordModel): RecordModel {
  const olderFields = new Map(
    older.fields.map(field => [field.jsonName, field]),
  );
  const fields = newer.fields.map((field): FieldModel => {
    const before = olderFields.get(field.jsonName);
    olderFields.delete(field.jsonName);
    return before
      ? {
          ...field,
          required: field.required && before.required,
          type: uniteTypes(field.type, before.type),
        }
      : { ...field, required: false };
  });
  const dropped = [...olderFields.values()].map(field => ({
    ...field,
    required: false,
  }));
  return { ...newer, fields: [...fields, ...dropped] };
}

function uniteTypes(newer: TypeModel, older: TypeModel): TypeModel {
  switch (typeChangeOf(older, newer)) {
    case 'widened':
    case 'changed':
      return newer;
    case 'narrowed':
      return older;
    default:
      break;
  }
  if (newer.kind === 'record' && older.kind === 'record') {
    return uniteRecords(newer, older);
  }
  if (newer.kind === 'enum' && older.kind === 'enum') {
    return {
      kind: 'enum',
      symbols: [...new Set([...newer.symbols, ...older.symbols])],
    };
  }
  if (
    (newer.kind === 'array' && older.kind === 'array') ||
    (newer.kind === 'map' && older.kind === 'map')
  ) {
    return {
      ...newer,
      values: uniteTypes(newer.values, older.values),
      valuesOptional: newer.valuesOptional || older.valuesOptional,
    };
  }
  return newer;
}

/** Whether two models take the same events into the same columns. */
function isSameType(one: TypeModel, other: TypeModel): boolean {
  if (one.kind === 'record' && other.kind === 'record') {
    return (
      one.fields.length === other.fields.length &&
      one.fields.every((field, index) => {
        const twin = other.fields[index];
        return (
          field.jsonName === twin.jsonName &&
          field.required === twin.required &&
          isSameType(field.type, twin.type)
        );
      })
    );
  }
  if (one.kind === 'enum' && other.kind === 'enum') {
    return (
      one.symbols.length === other.symbols.length &&
      one.symbols.every((symbol, index) => symbol === other.symbols[index])
    );
  }
  if (
    (one.kind === 'array' && other.kind === 'array') ||
    (one.kind === 'map' && other.kind === 'map')
  ) {
    return (
      one.valuesOptional === other.valuesOptional &&
      isSameType(one.values, other.values)
    );
  }
  return one.kind === other.kind;
}

const LOGICAL_TYPES: Partial<Record<TypeModel['kind'], AvroType>> = {
  timestamp: { type: 'long', logicalType: 'timestamp-micros' },
  date: { type: 'int', logicalType: 'date' },
  uuid: { type: 'string', logicalType: 'uuid' },
  json: { type: 'string', logicalType: 'json' },
};

/**
 * Writes a model as Avro again. Definitions of different versions may bear the
 * same name, so each gets one of its own.
 */
function createWriter(): (type: TypeModel) => AvroType {
  let definitions = 0;
  const optionally = (isOptional: boolean, type: AvroType): AvroType =>
    isOptional ? ['null', type] : type;

  function write(type: TypeModel): AvroType {
    switch (type.kind) {
      case 'record':
        definitions += 1;
        return {
          type: 'record',
          name: `united_${definitions}`,
          fields: type.fields.map((field, index) => ({
            name: `f${index}`,
            jsonName: field.jsonName,
            ...(field.doc !== undefined && { doc: field.doc }),
            ...(field.semanticType !== undefined && {
              semanticType: field.semanticType,
            }),
            type: optionally(!field.required, write(field.type)),
          })),
        };
      case 'enum':
        definitions += 1;
        return {
          type: 'enum',
          name: `united_${definitions}`,
          symbols: [...type.symbols],
        };
      case 'array':
        return {
          type: 'array',
          items: optionally(type.valuesOptional, write(type.values)),
        };
      case 'map':
        return {
          type: 'map',
          values: optionally(type.valuesOptional, write(type.values)),
        };
      default:
        return LOGICAL_TYPES[type.kind] ?? type.kind;
    }
  }
  return write;
}
