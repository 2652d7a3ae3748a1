/**
 * The part of Avro 1.12 that Millrace understands, as it looks after
 * normalisation. Every value of these types is plain JSON and a valid Avro
 * schema, so any Avro tool can read what the registry stores.
 */

/** @public */
export type AvroPrimitive =
  | 'boolean'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'string';

/**
 * Types with a meaning beyond their Avro encoding. In JSON, timestamps are RFC
 * 3339 text with an offset, dates are `YYYY-MM-DD`, and `json` is any value.
 *
 * @public
 */
export type AvroLogical =
  | { type: 'long'; logicalType: 'timestamp-micros' | 'timestamp-millis' }
  | { type: 'int'; logicalType: 'date' }
  | { type: 'string'; logicalType: 'uuid' | 'json' };

/** @public */
export interface AvroArray {
  type: 'array';
  items: AvroType;
}

/** @public */
export interface AvroMap {
  type: 'map';
  values: AvroType;
}

/** @public */
export interface AvroEnum {
  type: 'enum';
  name: string;
  namespace?: string;
  doc?: string;
  symbols: string[];
  default?: string;
}

/**
 * One field. `jsonName` is the key in the JSON event when that key is not a
 * legal Avro name; `semanticType` says what the value means (for example
 * `email`; see `SEMANTIC_TYPES`). Other annotations with scalar values are kept as they are.
 *
 * @public
 */
export interface AvroField {
  name: string;
  type: AvroType;
  doc?: string;
  default?: unknown;
  jsonName?: string;
  semanticType?: string;
  [annotation: string]: unknown;
}

/** @public */
export interface AvroRecord {
  type: 'record';
  name: string;
  namespace?: string;
  doc?: string;
  fields: AvroField[];
}

/**
 * A value that may be absent or null. `null` always comes first.
 *
 * @public
 */
export type AvroOptional = ['null', AvroType];

/**
 * A string that is not a primitive refers to a record or enum defined earlier
 * in the same schema.
 *
 * @public
 */
export type AvroType =
  | AvroPrimitive
  | AvroLogical
  | AvroArray
  | AvroMap
  | AvroEnum
  | AvroRecord
  | AvroOptional
  | string;

/**
 * A schema that has been checked: supported types only, limits kept, names
 * safe as columns. Frozen; made by `parseEventSchema` and nothing else.
 *
 * @public
 */
export interface EventSchema {
  readonly avro: AvroRecord;
}

/** @public */
export const MAX_SCHEMA_DEPTH = 32;

/**
 * Fields are counted as often as they appear in an event: a record referred to
 * twice counts twice. Otherwise a few references could unfold into billions of
 * columns.
 *
 * @public
 */
export const MAX_SCHEMA_FIELDS = 2000;
