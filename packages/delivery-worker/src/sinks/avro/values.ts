/*
 * Values as DuckDB gives them in JSON, as avsc takes them.
 */

/** A value that the schema has no place for. The message does not hold it. */
export class UnfitValueError extends Error {
  constructor(path: string, kind: string) {
    super(`${path} does not fit ${kind}`);
    this.name = 'UnfitValueError';
  }
}

/** Takes a value and where it lies, for messages. */
export type Encoder = (value: unknown, path: string) => unknown;

export function doesNotFit(path: string, kind: string): never {
  throw new UnfitValueError(path, kind);
}

function scalar(kind: string, encode: (value: unknown) => unknown): Encoder {
  return (value, path) => encode(value) ?? doesNotFit(path, kind);
}

const whole = (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) ? value : undefined;
const text = (value: unknown) =>
  typeof value === 'string' ? value : undefined;

/** What is no finite number is text in JSON. */
const NOT_FINITE = new Map<unknown, number>([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

function real(value: unknown): number | undefined {
  return typeof value === 'number' ? value : NOT_FINITE.get(value);
}

const INSTANT = /^(.{19})(?:\.(\d{1,6}))?Z$/;

/** Since 1970, of ISO 8601 in UTC with up to six digits of a second. */
function microsOf(value: unknown): number | undefined {
  const [, seconds, fraction = ''] =
    (typeof value === 'string' && INSTANT.exec(value)) || [];
  const at = Date.parse(`${seconds}Z`);
  return Number.isNaN(at)
    ? undefined
    : at * 1_000 + Number(fraction.padEnd(6, '0'));
}

/** By the name of a primitive type. */
export const SCALARS: { [name: string]: Encoder } = {
  boolean: scalar('boolean', value =>
    typeof value === 'boolean' ? value : undefined,
  ),
  int: scalar('int', whole),
  // One that a number cannot hold comes as text.
  long: scalar('long', value =>
    typeof value === 'string' && /^-?\d{1,19}$/.test(value)
      ? BigInt(value)
      : whole(value),
  ),
  float: scalar('float', real),
  double: scalar('double', real),
  string: scalar('string', text),
};

/** By logical type. */
export const LOGICAL: { [name: string]: Encoder } = {
  'timestamp-micros': scalar('timestamp', microsOf),
  'timestamp-millis': scalar('timestamp', value => {
    const micros = microsOf(value);
    return micros === undefined ? undefined : Math.floor(micros / 1_000);
  }),
  date: scalar('date', value => {
    const at = typeof value === 'string' ? Date.parse(`${value}T00:00Z`) : NaN;
    return Number.isNaN(at) ? undefined : at / 86_400_000;
  }),
  uuid: scalar('uuid', text),
  json: scalar('json', text),
};
