import { fullName } from '../avro/names';
import type {
  AvroField,
  AvroRecord,
  AvroType,
  EventSchema,
} from '../avro/types';
import { appendPointer } from '../json/pointer';
import type { ValueKind } from './nameRules';
import { isPersonal } from './semanticTypes';

/** A boolean and an instant say nothing by themselves. */
const PRIMITIVE_KINDS: { [type: string]: ValueKind | undefined } = {
  int: 'integer',
  long: 'integer',
  float: 'fraction',
  double: 'fraction',
  string: 'text',
};

const LOGICAL_KINDS: { [type: string]: ValueKind | undefined } = {
  date: 'day',
  uuid: 'text',
  json: 'any',
};

/** A field that holds values, or a list or map of them, and no record. */
export interface ValueField {
  /** RFC 6901 pointer to the field in the Avro record. */
  pointer: string;
  /** Where it is first found in the event, as `FieldSummary` writes it. */
  path: string;
  name: string;
  kind: ValueKind;
  recordNames: readonly string[];
  semanticType?: string;
  /**
   * A field around it is annotated as personal, and so speaks for everything
   * inside it.
   */
  isCovered: boolean;
}

interface Record {
  names: string[];
  fields: ValueField[];
  /** Whether each field that holds the record is annotated as personal. */
  isHeldCovered: boolean[];
}

interface Place {
  pointer: string;
  path: string;
  namespace: string | undefined;
}

interface Walk {
  definitions: Map<string, Record>;
  enums: Set<string>;
  order: Record[];
}

/**
 * The fields of a schema that hold values, each definition once: a record that is
 * referred to several times has its fields in one place, and there they are
 * decided. An annotation on a field that holds a record, a list or a map speaks
 * for everything inside it, if it is a personal one; `none` speaks for nothing
 * but itself.
 */
export function valueFieldsOf(schema: EventSchema): ValueField[] {
  const walk: Walk = { definitions: new Map(), enums: new Set(), order: [] };
  visitRecord(
    schema.avro,
    { pointer: '', path: '', namespace: undefined },
    { name: undefined, isCovered: false },
    walk,
  );
  return walk.order.flatMap(record =>
    record.fields.map(field => ({
      ...field,
      recordNames: record.names,
      isCovered: record.isHeldCovered.every(Boolean),
    })),
  );
}

/** The field by which a record is held; none holds the event itself. */
interface Holder {
  name: string | undefined;
  isCovered: boolean;
}

function visitRecord(
  avro: AvroRecord,
  at: Place,
  holder: Holder,
  walk: Walk,
): void {
  const namespace = avro.namespace ?? at.namespace;
  const record: Record = {
    // The name of the event itself says what happened, not what it is about.
    names: holder.name === undefined ? [] : [avro.name, holder.name],
    fields: [],
    isHeldCovered: [holder.isCovered],
  };
  walk.order.push(record);
  avro.fields.forEach((field, index) => {
    const jsonName = field.jsonName ?? field.name;
    const place = {
      pointer: appendPointer(appendPointer(at.pointer, 'fields'), index),
      path: at.path === '' ? jsonName : `${at.path}.${jsonName}`,
      namespace,
    };
    visitField(field, place, record, walk);
  });
  walk.definitions.set(fullName(avro.name, namespace), record);
}

function visitField(
  field: AvroField,
  at: Place,
  record: Record,
  walk: Walk,
): void {
  const name = field.jsonName ?? field.name;
  const holder: Holder = {
    name,
    isCovered: record.isHeldCovered[0] || isPersonal(field.semanticType),
  };
  const typeAt = { ...at, pointer: appendPointer(at.pointer, 'type') };
  const kind = visitType(field.type, typeAt, holder, walk);
  if (kind) {
    record.fields.push({
      pointer: at.pointer,
      path: at.path,
      name,
      kind,
      recordNames: [],
      ...(field.semanticType !== undefined && {
        semanticType: field.semanticType,
      }),
      isCovered: false,
    });
  }
}

/** @returns how the values are held, or nothing for a record */
function visitType(
  type: AvroType,
  at: Place,
  holder: Holder,
  walk: Walk,
): ValueKind | undefined {
  if (typeof type === 'string') {
    const referred = fullName(type, at.namespace);
    const record = walk.definitions.get(referred);
    if (record) {
      record.isHeldCovered.push(holder.isCovered);
      record.names.push(holder.name ?? '');
      return undefined;
    }
    return walk.enums.has(referred) ? 'symbol' : PRIMITIVE_KINDS[type];
  }
  if (Array.isArray(type)) {
    const inner = { ...at, pointer: appendPointer(at.pointer, 1) };
    return visitType(type[1], inner, holder, walk);
  }
  if ('logicalType' in type) {
    return LOGICAL_KINDS[type.logicalType];
  }
  switch (type.type) {
    case 'record':
      visitRecord(type, at, holder, walk);
      return undefined;
    case 'enum':
      walk.enums.add(fullName(type.name, type.namespace ?? at.namespace));
      return 'symbol';
    case 'array':
      return visitType(
        type.items,
        {
          ...at,
          pointer: appendPointer(at.pointer, 'items'),
          path: `${at.path}[]`,
        },
        holder,
        walk,
      );
    default:
      return visitType(
        type.values,
        {
          ...at,
          pointer: appendPointer(at.pointer, 'values'),
          path: `${at.path}{}`,
        },
        holder,
        walk,
      );
  }
}
