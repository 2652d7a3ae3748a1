/*
 * Builds an event that fits a schema: the required fields only, each with a
 * plain value of its type. Works on the Avro record as the registry stores it.
 * Whatever is not understood becomes an empty text, which a person can correct.
 */

type Schema = { [key: string]: unknown };

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where the example values of one schema come from. */
interface Context {
  now: Date;
  /** Records and enums defined so far, by name. */
  named: Map<string, Schema>;
}

function exampleOfLogical(type: Schema, now: Date): unknown {
  switch (type.logicalType) {
    case 'timestamp-micros':
    case 'timestamp-millis':
      return now.toISOString();
    case 'date':
      return now.toISOString().slice(0, 10);
    case 'uuid':
      return '3f2b8c1e-5d74-4a09-9f6b-0c1d2e3f4a5b';
    case 'json':
      return {};
    default:
      return undefined;
  }
}

function exampleOfRecord(record: Schema, context: Context): Schema {
  const data: Schema = {};
  const fields: unknown[] = Array.isArray(record.fields) ? record.fields : [];
  for (const field of fields) {
    if (isObject(field) && !Array.isArray(field.type)) {
      const key = field.jsonName ?? field.name;
      data[String(key)] = exampleOf(field.type, context);
    } else if (isObject(field)) {
      // Optional, so left out; what it defines may be referred to later.
      exampleOf(field.type, context);
    }
  }
  return data;
}

function exampleOf(type: unknown, context: Context): unknown {
  if (Array.isArray(type)) {
    return exampleOf(
      type.find(branch => branch !== 'null'),
      context,
    );
  }
  if (!isObject(type)) {
    switch (type) {
      case 'boolean':
        return true;
      case 'int':
      case 'long':
        return 1;
      case 'float':
      case 'double':
        return 1.5;
      case 'string':
        return 'text';
      default: {
        const named = context.named.get(String(type));
        return named ? exampleOf(named, context) : '';
      }
    }
  }
  if (typeof type.name === 'string') {
    context.named.set(type.name, type);
  }
  const logical = exampleOfLogical(type, context.now);
  if (logical !== undefined) {
    return logical;
  }
  switch (type.type) {
    case 'record':
      return exampleOfRecord(type, context);
    case 'enum':
      return Array.isArray(type.symbols) ? type.symbols[0] : '';
    case 'array':
      exampleOf(type.items, context);
      return [];
    case 'map':
      exampleOf(type.values, context);
      return {};
    default:
      return exampleOf(type.type, context);
  }
}

/**
 * The `data` of a first event.
 *
 * @param schema - the Avro record of the event type; without one the data is
 * empty
 */
export function exampleData(schema: unknown, now: Date): Schema {
  return isObject(schema)
    ? exampleOfRecord(schema, { now, named: new Map() })
    : {};
}
