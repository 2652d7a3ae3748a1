/** A field of an Avro record, where it is and what holds it. */
export interface AvroFieldPlace {
  /** Path in the event, as `FieldSummary` writes it: `buyer.emails[]`. */
  path: string;
  /** RFC 6901 pointer to the field in the record. */
  pointer: string;
  /** Path of the field around it; missing for those of the event itself. */
  holder?: string;
  semanticType?: string;
}

type Json = { [key: string]: unknown };

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Every field of a record that the backend has answered with, in its order and
 * each definition once: there an annotation stands, however often it is used.
 */
export function avroFieldsOf(schema: unknown): AvroFieldPlace[] {
  const found: AvroFieldPlace[] = [];
  visitType(schema, { pointer: '', path: '', holder: undefined }, found);
  return found;
}

interface Place {
  pointer: string;
  path: string;
  holder: string | undefined;
}

function visitType(type: unknown, at: Place, found: AvroFieldPlace[]): void {
  const inside = (name: string | number, path = at.path): Place => ({
    ...at,
    pointer: `${at.pointer}/${name}`,
    path,
  });
  if (Array.isArray(type)) {
    type.forEach((branch, index) => visitType(branch, inside(index), found));
  } else if (isObject(type)) {
    if (type.type === 'record' && Array.isArray(type.fields)) {
      visitFields(type.fields, inside('fields'), found);
    } else if (type.type === 'array') {
      visitType(type.items, inside('items', `${at.path}[]`), found);
    } else if (type.type === 'map') {
      visitType(type.values, inside('values', `${at.path}{}`), found);
    }
  }
}

function visitFields(
  fields: unknown[],
  at: Place,
  found: AvroFieldPlace[],
): void {
  fields.forEach((field, index) => {
    if (!isObject(field)) {
      return;
    }
    const name = String(field.jsonName ?? field.name);
    const path = at.path === '' ? name : `${at.path}.${name}`;
    const pointer = `${at.pointer}/${index}`;
    found.push({
      path,
      pointer,
      holder: at.holder,
      ...(typeof field.semanticType === 'string' && {
        semanticType: field.semanticType,
      }),
    });
    visitType(
      field.type,
      { pointer: `${pointer}/type`, path, holder: path },
      found,
    );
  });
}

/**
 * The same record with a semantic type written at some of its fields.
 *
 * @param semanticTypes - by pointer, as {@link avroFieldsOf} gives it; a pointer
 * that leads nowhere is passed over
 */
export function annotate(
  schema: unknown,
  semanticTypes: ReadonlyMap<string, string>,
): unknown {
  if (schema === undefined) {
    return undefined;
  }
  const copy: unknown = JSON.parse(JSON.stringify(schema));
  for (const [pointer, semanticType] of semanticTypes) {
    const field = valueAt(copy, pointer);
    if (isObject(field)) {
      field.semanticType = semanticType;
    }
  }
  return copy;
}

function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const part of pointer.split('/').slice(1)) {
    if (
      typeof value !== 'object' ||
      value === null ||
      !Object.hasOwn(value, part)
    ) {
      return undefined;
    }
    value = Reflect.get(value, part);
  }
  return value;
}
