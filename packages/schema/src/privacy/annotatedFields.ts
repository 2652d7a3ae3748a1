import type {
  AvroField,
  AvroRecord,
  AvroType,
  EventSchema,
} from '../avro/types';
import { appendPointer } from '../json/pointer';

/** Any field of a schema, whatever it holds. */
export interface AnnotatedField {
  /** RFC 6901 pointer to the field in the Avro record. */
  pointer: string;
  /** Path in the event, of the first place of several. */
  path: string;
  /** The field itself. */
  field: AvroField;
}

/** Every field of a schema, each definition once, in the order of the schema. */
export function annotatedFieldsOf(schema: EventSchema): AnnotatedField[] {
  const found: AnnotatedField[] = [];
  visitRecord(schema.avro, '', '', found);
  return found;
}

function visitRecord(
  record: AvroRecord,
  pointer: string,
  path: string,
  found: AnnotatedField[],
): void {
  record.fields.forEach((field, index) => {
    const jsonName = field.jsonName ?? field.name;
    const at = appendPointer(appendPointer(pointer, 'fields'), index);
    const fieldPath = path === '' ? jsonName : `${path}.${jsonName}`;
    found.push({ pointer: at, path: fieldPath, field });
    visitType(field.type, appendPointer(at, 'type'), fieldPath, found);
  });
}

function visitType(
  type: AvroType,
  pointer: string,
  path: string,
  found: AnnotatedField[],
): void {
  if (Array.isArray(type)) {
    visitType(type[1], appendPointer(pointer, 1), path, found);
  } else if (typeof type === 'object' && type.type === 'record') {
    visitRecord(type, pointer, path, found);
  } else if (typeof type === 'object' && type.type === 'array') {
    visitType(type.items, appendPointer(pointer, 'items'), `${path}[]`, found);
  } else if (typeof type === 'object' && type.type === 'map') {
    visitType(
      type.values,
      appendPointer(pointer, 'values'),
      `${path}{}`,
      found,
    );
  }
}
