import { JsonValue } from '@millrace/lake';
import { AvroField, AvroRecord, AvroType, EventSchema } from '@millrace/schema';
import { Schema, Type, types } from 'avsc';
import {
  doesNotFit,
  Encoder,
  LOGICAL,
  SCALARS,
  UnfitValueError,
} from './values';

/** What Millrace knows of every event, in columns before those of its data. */
const ENVELOPE: AvroField[] = [
  { name: '_id', type: 'string' },
  { name: '_source', type: 'string' },
  { name: '_time', type: optional(timestamp()) },
  { name: '_received_at', type: timestamp() },
  { name: '_producer', type: optional('string') },
  { name: '_epoch', type: optional('string') },
  { name: '_sequence', type: optional('long') },
  { name: '_schema_version', type: optional('int') },
  { name: '_id_conflict', type: 'boolean' },
];

/** How rows of a partition are written as Avro. */
export interface RowSchema {
  /** As it stands in the file. */
  avro: AvroRecord;
  /** What encodes a record. */
  type: Type;
  /**
   * The record of a row.
   *
   * @param row values by column, as DuckDB gives them; a column that the
   * partition does not have is missing
   * @throws UnfitValueError
   */
  toRecord(row: ReadonlyMap<string, JsonValue>): object;
}

/**
 * The Avro schema of an event type's rows: the envelope and the fields of the
 * event type as they were declared, under their Avro names and with their
 * annotations.
 */
export function rowSchemaOf(schema: EventSchema): RowSchema {
  const avro: AvroRecord = {
    ...schema.avro,
    fields: [...ENVELOPE, ...schema.avro.fields],
  };
  const encode = recordEncoder(avro, undefined, new Map());
  return {
    avro,
    type: typeOf(avro as Schema),
    toRecord: row => encode(row, '') as object,
  };
}

function recordEncoder(
  record: AvroRecord,
  outerNamespace: string | undefined,
  definitions: Map<string, Encoder>,
): Encoder {
  const namespace = record.namespace ?? outerNamespace;
  const fields = record.fields.map(field => ({
    name: field.name,
    key: field.jsonName ?? field.name,
    default: field.default,
    encode: encoderOf(field.type, namespace, definitions),
  }));
  const encoder: Encoder = (value, path) => {
    const read = reader(value, path);
    return Object.fromEntries(
      fields.map(({ name, key, encode, default: byDefault }) => {
        const given = read(key) ?? byDefault ?? null;
        return [name, encode(given, `${path}/${key}`)];
      }),
    );
  };
  definitions.set(qualified(record.name, namespace), encoder);
  return encoder;
}

function reader(value: unknown, path: string): (key: string) => unknown {
  if (value instanceof Map) {
    return key => value.get(key);
  }
  // A record without fields is kept as JSON text.
  const object = typeof value === 'string' ? {} : value;
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw new UnfitValueError(path, 'record');
  }
  return key =>
    Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined;
}

function encoderOf(
  type: AvroType,
  namespace: string | undefined,
  definitions: Map<string, Encoder>,
): Encoder {
  if (typeof type === 'string') {
    return (
      definitions.get(qualified(type, namespace)) ??
      SCALARS[type] ??
      (((_value, path) => doesNotFit(path, type)) as Encoder)
    );
  }
  if (Array.isArray(type)) {
    const encode = encoderOf(type[1], namespace, definitions);
    return (value, path) => (value === null ? null : encode(value, path));
  }
  if ('logicalType' in type) {
    return LOGICAL[type.logicalType];
  }
  switch (type.type) {
    case 'record':
      return recordEncoder(type, namespace, definitions);
    case 'enum': {
      const known = new Set<unknown>(type.symbols);
      const encode: Encoder = (value, path) =>
        known.has(value) ? value : doesNotFit(path, 'enum');
      definitions.set(
        qualified(type.name, type.namespace ?? namespace),
        encode,
      );
      return encode;
    }
    case 'array': {
      const encode = encoderOf(type.items, namespace, definitions);
      return (value, path) =>
        Array.isArray(value)
          ? value.map((item, index) => encode(item, `${path}/${index}`))
          : doesNotFit(path, 'array');
    }
    default: {
      const encode = encoderOf(type.values, namespace, definitions);
      return (value, path) =>
        value !== null && typeof value === 'object'
          ? Object.fromEntries(
              // The key may be anything a sender named it: no part of a message.
              Object.entries(value).map(([key, item]) => [
                key,
                encode(item, `${path}/*`),
              ]),
            )
          : doesNotFit(path, 'map');
    }
  }
}

function qualified(name: string, namespace: string | undefined): string {
  return name.includes('.') || !namespace ? name : `${namespace}.${name}`;
}

/** Numbers and, where those end, BigInts. */
const LONG = types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: number | bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) =>
    typeof value === 'bigint' || Number.isSafeInteger(value),
  compare: (a: bigint, b: bigint) => Number(a > b) - Number(a < b),
});

/** An Avro type whose longs keep every digit. */
export function typeOf(schema: Schema): Type {
  // Parsing writes into the registry.
  return Type.forSchema(schema, { registry: { long: LONG } });
}

function optional(type: AvroType): AvroType {
  return ['null', type] as AvroType;
}

function timestamp(): AvroType {
  return { type: 'long', logicalType: 'timestamp-micros' };
}
