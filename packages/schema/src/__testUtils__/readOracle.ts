import { isDeepStrictEqual } from 'node:util';
import avsc from 'avsc';
import { parseEventSchema } from '../avro';
import { compileValidator, EventValidator } from '../validation';
import { avroOf, RecordSpec, Spec } from './arbitraries';

/*
 * Whether a value that was written with one schema reads with another, found out
 * by writing and reading it. Shares nothing with the code that judges schemas:
 * it never compares types, but tries, in three places.
 *
 * - In Avro, by the resolution of `avsc`, over the schemas as Millrace stores
 *   events: fields bear their JSON name, optional ones are a union with null,
 *   no required one has a default, enums are text, a record without fields is
 *   JSON. What comes out must be what went in.
 * - In a gateway, by its validator. A reader of old partitions is as strict as a
 *   gateway; one of new partitions does not look at columns it does not know.
 * - In a table: a column has one type for good.
 */

const DAY_MS = 86_400_000;

/** The longs of avsc have 53 bits on their way through zigzag; these have 64. */
const LONG = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => Number(a - b),
});

function typeOf(spec: RecordSpec): avsc.Type {
  return avsc.Type.forSchema(avroFormOf(spec), { registry: { long: LONG } });
}

/** A side of the comparison, ready to write and to read. */
export interface Party {
  spec: RecordSpec;
  /** Compiled when first asked. */
  validate: EventValidator;
}

export function partyOf(spec: RecordSpec): Party {
  let validator: EventValidator | undefined;
  return {
    spec,
    validate: data => {
      validator ??= compileValidator(parseEventSchema(avroOf(spec)));
      return validator(data);
    },
  };
}

/** Where a value did not read; `undefined` when it did. */
export type Unread = 'table' | 'gateway' | 'avro' | undefined;

/** Writes with one and reads with the other. */
export function findUnread(
  writer: Party,
  reader: Party,
  data: unknown,
  options: { ignoresUnknown: boolean },
): Unread {
  const seen = options.ignoresUnknown
    ? withoutUnknown(writer.spec, reader.spec, data)
    : data;
  if (reader.validate(seen).length > 0) {
    return 'gateway';
  }
  if (!readsInAvro(writer.spec, reader.spec, data)) {
    return 'avro';
  }
  return hasSameColumns(writer.spec, reader.spec) ? undefined : 'table';
}

function readsInAvro(writer: RecordSpec, reader: RecordSpec, data: unknown) {
  const written = typeOf(writer);
  const buffer = written.toBuffer(toAvro(writer, data));
  try {
    const read = typeOf(reader);
    const decoded = read.fromBuffer(buffer, read.createResolver(written));
    return isSame(writer, reader, data, decoded);
  } catch {
    return false;
  }
}

/** Records are named after their place: Avro reads only equal names. */
function avroFormOf(root: RecordSpec): avsc.Schema {
  return recordForm(root, 'event') as avsc.Schema;
}

function recordForm(spec: RecordSpec, place: string) {
  return {
    type: 'record',
    name: place,
    fields: spec.fields.map(({ jsonName, type, optional }) => {
      const name = nameOf(jsonName);
      return {
        name,
        type: formOf(type, optional, `${place}_${name}`),
        ...(optional && { default: null }),
      };
    }),
  };
}

function formOf(spec: Spec, optional: boolean, place: string): unknown {
  const form = plainFormOf(spec, place);
  return optional ? ['null', form] : form;
}

/** What is stored as JSON holds null as a JSON value. */
function itemForm(
  { values, optional }: Extract<Spec, { kind: 'array' | 'map' }>,
  place: string,
): unknown {
  return formOf(values, optional && !isStoredAsJson(values), place);
}

function plainFormOf(spec: Spec, place: string): unknown {
  switch (spec.kind) {
    case 'record':
      return spec.fields.length === 0 ? 'string' : recordForm(spec, place);
    case 'array':
      return {
        type: 'array',
        items: itemForm(spec, `${place}_item`),
      };
    case 'map':
      return {
        type: 'map',
        values: itemForm(spec, `${place}_value`),
      };
    case 'boolean':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
      return spec.kind;
    case 'timestamp':
      return 'long';
    case 'date':
      return 'int';
    default:
      return 'string';
  }
}

/** A JSON name as a legal Avro name. */
function nameOf(jsonName: string): string {
  return `f_${Buffer.from(jsonName).toString('hex')}`;
}

/** `avsc` makes objects of maps, in which `__proto__` is no key. */
function mapKey(spec: Spec, key: string): string {
  return spec.kind === 'map' ? `key ${key}` : key;
}

function isStoredAsJson(spec: Spec): boolean {
  return (
    spec.kind === 'json' || (spec.kind === 'record' && spec.fields.length === 0)
  );
}

function ownValue(data: unknown, key: string): unknown {
  return Object.hasOwn(Object(data), key) ? Object(data)[key] : undefined;
}

function toAvro(spec: Spec, data: unknown, isRoot = true): unknown {
  if (spec.kind === 'record' && (isRoot || spec.fields.length > 0)) {
    return Object.fromEntries(
      spec.fields.map(({ jsonName, type }) => {
        const value = ownValue(data, jsonName);
        const isJsonNull = value === null && type.kind === 'json';
        return [
          nameOf(jsonName),
          value === undefined || (value === null && !isJsonNull)
            ? null
            : toAvro(type, value, false),
        ];
      }),
    );
  }
  if (isStoredAsJson(spec)) {
    return JSON.stringify(data);
  }
  switch (spec.kind) {
    case 'array':
      return (data as unknown[]).map(item => itemToAvro(spec.values, item));
    case 'map':
      return Object.fromEntries(
        Object.entries(data as object).map(([key, item]) => [
          mapKey(spec, key),
          itemToAvro(spec.values, item),
        ]),
      );
    case 'timestamp':
      return BigInt(Date.parse(String(data)));
    case 'long':
      return BigInt(Number(data));
    case 'date':
      return Date.parse(String(data)) / DAY_MS;
    default:
      return data;
  }
}

function itemToAvro(spec: Spec, item: unknown): unknown {
  return item === null && !isStoredAsJson(spec)
    ? null
    : toAvro(spec, item, false);
}

/** Whether what was decoded is what was written, as far as the reader looks. */
function isSame(
  writer: Spec,
  reader: Spec,
  written: unknown,
  read: unknown,
  isRoot = true,
): boolean {
  const isAbsent = written === undefined || written === null;
  if (isAbsent || read === null) {
    // JSON null is a value of its own, and reads as one or as absent.
    return isAbsent && (read === null || read === 'null');
  }
  if (isStoredAsJson(reader) && !(isRoot && reader.kind === 'record')) {
    return isDeepStrictEqual(JSON.parse(String(read)), written);
  }
  if (reader.kind === 'record') {
    if (writer.kind !== 'record') {
      return false;
    }
    return reader.fields.every(({ jsonName, type }) => {
      const source = writer.fields.find(field => field.jsonName === jsonName);
      const value = Object(read)[nameOf(jsonName)];
      return source
        ? isSame(source.type, type, ownValue(written, jsonName), value, false)
        : value === null;
    });
  }
  if (reader.kind === 'array' || reader.kind === 'map') {
    if (writer.kind !== reader.kind) {
      return false;
    }
    const keys = Object.keys(written as object);
    return (
      keys.length === Object.keys(Object(read)).length &&
      keys.every(key =>
        isSame(
          writer.values,
          reader.values,
          ownValue(written, key),
          ownValue(read, mapKey(writer, key)),
          false,
        ),
      )
    );
  }
  switch (reader.kind) {
    case 'timestamp':
      return Number(read) === Date.parse(String(written));
    case 'long':
      return Number(read) === written;
    case 'date':
      return read === Date.parse(String(written)) / DAY_MS;
    case 'float':
    case 'double':
      // As it was stored: a float has fewer digits than its text may have.
      return (
        Number(read) ===
        (writer.kind === 'float' ? Math.fround(Number(written)) : written)
      );
    default:
      return read === written;
  }
}

function withoutUnknown(writer: Spec, reader: Spec, data: unknown): unknown {
  if (data === null || data === undefined) {
    return data;
  }
  if (writer.kind === 'record' && reader.kind === 'record') {
    return Object.fromEntries(
      Object.entries(data).flatMap(([key, value]) => {
        const from = writer.fields.find(({ jsonName }) => jsonName === key);
        const to = reader.fields.find(({ jsonName }) => jsonName === key);
        return from && to
          ? [[key, withoutUnknown(from.type, to.type, value)]]
          : [];
      }),
    );
  }
  if (writer.kind === 'array' && reader.kind === 'array') {
    return (data as unknown[]).map(item =>
      withoutUnknown(writer.values, reader.values, item),
    );
  }
  if (writer.kind === 'map' && reader.kind === 'map') {
    return Object.fromEntries(
      Object.entries(data).map(([key, item]) => [
        key,
        withoutUnknown(writer.values, reader.values, item),
      ]),
    );
  }
  return data;
}

/** The types of columns in a table that is loaded from partitions. */
const TABLE_TYPES: Partial<Record<Spec['kind'], string>> = {
  int: 'INT64',
  long: 'INT64',
  float: 'FLOAT64',
  double: 'FLOAT64',
  enum: 'STRING',
};

function hasSameColumns(one: RecordSpec, other: RecordSpec): boolean {
  return one.fields.every(({ jsonName, type }) => {
    const twin = other.fields.find(field => field.jsonName === jsonName);
    return !twin || hasSameColumn(type, twin.type);
  });
}

function hasSameColumn(one: Spec, other: Spec): boolean {
  if (isStoredAsJson(one) || isStoredAsJson(other)) {
    return isStoredAsJson(one) && isStoredAsJson(other);
  }
  if (one.kind === 'record' && other.kind === 'record') {
    return hasSameColumns(one, other);
  }
  if (
    (one.kind === 'array' && other.kind === 'array') ||
    (one.kind === 'map' && other.kind === 'map')
  ) {
    return hasSameColumn(one.values, other.values);
  }
  const tableType = ({ kind }: Spec) => TABLE_TYPES[kind] ?? kind.toUpperCase();
  return tableType(one) === tableType(other);
}
