import type { AvroField, AvroRecord, AvroType } from '@millrace/schema';

/** A type as contracts see it: references resolved. */
export interface TypeNode {
  /** In Millrace's words, such as `long`, `timestamp` or `record`. */
  kind: string;
  /** Of records. */
  fields?: FieldNode[];
  /** Of arrays and maps: what each value is, and whether it may be null. */
  values?: TypeNode;
  valuesOptional?: boolean;
}

/** A field of an event. */
export interface FieldNode {
  /** The key in the event. */
  name: string;
  isRequired: boolean;
  type: TypeNode;
  doc?: string;
  semanticType?: string;
}

const LOGICAL_KINDS: { readonly [logicalType: string]: string } = {
  'timestamp-micros': 'timestamp',
  'timestamp-millis': 'timestamp',
};

/** The fields of a registered schema, as a tree. */
export function fieldTreeOf(record: AvroRecord): FieldNode[] {
  return fieldsOf(record, undefined, new Map());
}

type Definitions = Map<string, TypeNode>;

function fullName(name: string, namespace: string | undefined): string {
  return name.includes('.') || namespace === undefined
    ? name
    : `${namespace}.${name}`;
}

function fieldsOf(
  record: AvroRecord,
  outer: string | undefined,
  definitions: Definitions,
): FieldNode[] {
  const namespace = record.namespace ?? outer;
  const fields = record.fields.map((field: AvroField): FieldNode => {
    const { name, jsonName = name, doc, semanticType, type } = field;
    return {
      name: jsonName,
      isRequired: !Array.isArray(type),
      type: typeOf(type, namespace, definitions),
      ...(doc !== undefined && { doc }),
      ...(semanticType !== undefined && { semanticType }),
    };
  });
  definitions.set(fullName(record.name, namespace), {
    kind: 'record',
    fields,
  });
  return fields;
}

function typeOf(
  type: AvroType,
  namespace: string | undefined,
  definitions: Definitions,
): TypeNode {
  if (typeof type === 'string') {
    return definitions.get(fullName(type, namespace)) ?? { kind: type };
  }
  if (Array.isArray(type)) {
    return typeOf(type[1], namespace, definitions);
  }
  if ('logicalType' in type) {
    return { kind: LOGICAL_KINDS[type.logicalType] ?? type.logicalType };
  }
  switch (type.type) {
    case 'record':
      return { kind: 'record', fields: fieldsOf(type, namespace, definitions) };
    case 'enum': {
      const node: TypeNode = { kind: 'enum' };
      definitions.set(fullName(type.name, type.namespace ?? namespace), node);
      return node;
    }
    default: {
      const values = type.type === 'array' ? type.items : type.values;
      return {
        kind: type.type,
        values: typeOf(values, namespace, definitions),
        valuesOptional: Array.isArray(values),
      };
    }
  }
}
