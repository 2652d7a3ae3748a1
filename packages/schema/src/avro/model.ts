import { fullName } from './names';
import { AvroEnum, AvroRecord, AvroType, EventSchema } from './types';

/**
 * A schema as events look: references resolved, JSON names instead of Avro
 * names, optional types turned into a flag. All mappings read this and not
 * Avro. A record referred to several times is one shared object.
 */
export type TypeModel =
  | { kind: ScalarKind }
  | { kind: 'enum'; symbols: readonly string[] }
  | { kind: 'array' | 'map'; values: TypeModel; valuesOptional: boolean }
  | RecordModel;

export type ScalarKind =
  | 'boolean'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'string'
  | 'timestamp'
  | 'date'
  | 'uuid'
  | 'json';

export interface RecordModel {
  kind: 'record';
  /** The full Avro name, unique within the schema. */
  name: string;
  fields: readonly FieldModel[];
}

export interface FieldModel {
  jsonName: string;
  required: boolean;
  type: TypeModel;
  doc?: string;
  semanticType?: string;
}

/** Both timestamp types hold an instant and take the same JSON. */
const LOGICAL_KINDS: Record<string, ScalarKind> = {
  'timestamp-micros': 'timestamp',
  'timestamp-millis': 'timestamp',
  date: 'date',
  uuid: 'uuid',
  json: 'json',
};

const models = new WeakMap<EventSchema, RecordModel>();

/** The resolved form of a parsed schema. */
export function modelOf(schema: EventSchema): RecordModel {
  let model = models.get(schema);
  if (!model) {
    model = resolveRecord(schema.avro, undefined, new Map());
    models.set(schema, model);
  }
  return model;
}

function resolveRecord(
  record: AvroRecord,
  outerNamespace: string | undefined,
  definitions: Map<string, TypeModel>,
): RecordModel {
  const namespace = record.namespace ?? outerNamespace;
  const name = fullName(record.name, namespace);
  const fields = record.fields.map((field): FieldModel => {
    const required = !Array.isArray(field.type);
    return {
      jsonName: field.jsonName ?? field.name,
      required,
      type: resolveType(field.type, namespace, definitions),
      ...(field.doc !== undefined && { doc: field.doc }),
      ...(field.semanticType !== undefined && {
        semanticType: field.semanticType,
      }),
    };
  });
  const model: RecordModel = { kind: 'record', name, fields };
  definitions.set(name, model);
  return model;
}

function resolveType(
  type: AvroType,
  namespace: string | undefined,
  definitions: Map<string, TypeModel>,
): TypeModel {
  if (typeof type === 'string') {
    return (
      definitions.get(fullName(type, namespace)) ?? { kind: type as ScalarKind }
    );
  }
  if (Array.isArray(type)) {
    return resolveType(type[1], namespace, definitions);
  }
  if ('logicalType' in type) {
    return { kind: LOGICAL_KINDS[type.logicalType] };
  }
  switch (type.type) {
    case 'record':
      return resolveRecord(type, namespace, definitions);
    case 'enum':
      return resolveEnum(type, namespace, definitions);
    default: {
      const values = type.type === 'array' ? type.items : type.values;
      return {
        kind: type.type,
        values: resolveType(values, namespace, definitions),
        valuesOptional: Array.isArray(values),
      };
    }
  }
}

function resolveEnum(
  type: AvroEnum,
  outerNamespace: string | undefined,
  definitions: Map<string, TypeModel>,
): TypeModel {
  const model: TypeModel = { kind: 'enum', symbols: type.symbols };
  definitions.set(fullName(type.name, type.namespace ?? outerNamespace), model);
  return model;
}
