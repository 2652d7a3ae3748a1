import {
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  DuckDBValue,
} from '@duckdb/node-api';

/** What survives `JSON.stringify` unchanged. @public */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonValue[]
  | { [key: string]: JsonValue };

const MICROS_PER_MILLI = 1000n;

/**
 * A value of DuckDB as JSON, without loss: an integer that a JavaScript number
 * cannot hold becomes its decimal text, so do NaN and the infinities;
 * timestamps become ISO 8601 in UTC with as many digits as they have, structs
 * and maps objects, lists arrays. A column of type JSON stays the text it is.
 *
 * @public
 */
export function toJsonValue(value: DuckDBValue): JsonValue {
  switch (typeof value) {
    case 'bigint':
      return value >= Number.MIN_SAFE_INTEGER &&
        value <= Number.MAX_SAFE_INTEGER
        ? Number(value)
        : String(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'string':
    case 'boolean':
      return value;
    default:
      return value === null || value === undefined ? null : toJsonObject(value);
  }
}

function toJsonObject(value: DuckDBValue & object): JsonValue {
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    return value.items.map(toJsonValue);
  }
  if (value instanceof DuckDBStructValue) {
    return fromEntries(Object.entries(value.entries));
  }
  if (value instanceof DuckDBMapValue) {
    return fromEntries(
      value.entries.map(({ key, value: item }) => [textOf(key), item]),
    );
  }
  if (value instanceof DuckDBUnionValue) {
    return toJsonValue(value.value);
  }
  if (
    value instanceof DuckDBTimestampTZValue ||
    value instanceof DuckDBTimestampValue
  ) {
    return value.isFinite ? isoFromMicros(value.micros) : String(value);
  }
  if (value instanceof DuckDBDateValue) {
    return value.isFinite
      ? isoFromMicros(
          BigInt(value.days) * 86_400_000n * MICROS_PER_MILLI,
        ).split('T')[0]
      : String(value);
  }
  // UUID, DECIMAL, TIME, INTERVAL, BLOB …: their text form is exact.
  return String(value);
}

function textOf(key: DuckDBValue): string {
  const json = toJsonValue(key);
  return typeof json === 'string' ? json : JSON.stringify(json);
}

/** `Object.fromEntries` makes `__proto__` an ordinary key. */
function fromEntries(entries: [string, DuckDBValue][]): JsonValue {
  return Object.fromEntries(
    entries.map(([key, item]) => [key, toJsonValue(item)]),
  );
}

function isoFromMicros(micros: bigint): string {
  // Rounds towards the past, so that times before 1970 keep a positive rest.
  const rest =
    ((micros % MICROS_PER_MILLI) + MICROS_PER_MILLI) % MICROS_PER_MILLI;
  const date = new Date(Number((micros - rest) / MICROS_PER_MILLI));
  if (Number.isNaN(date.getTime())) {
    // DuckDB's years reach further than JavaScript's.
    return String(new DuckDBTimestampTZValue(micros));
  }
  const iso = date.toISOString();
  return rest === 0n
    ? iso
    : `${iso.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}
