import { isUtf8 } from 'node:buffer';
import { jsonBytes } from '@millrace/schema';
import { RequestError } from '../errors';
import { skipValue } from '../intake';

const { skipSpace } = jsonBytes;

const COMMA = 0x2c;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** A value in a body, and where its text lies. */
export interface JsonPart {
  value: unknown;
  bytes: Buffer;
  start: number;
  /** First byte after it. */
  end: number;
}

/**
 * Parses a body as JSON, whatever its content type says: RudderStack's client
 * labels JSON as a form, browsers label it as text.
 *
 * The values of the whole body exist at once, which takes many times its size;
 * so the bound of what is sent holds for what was decompressed as well.
 *
 * @throws RequestError `body_too_large` or `invalid_json`
 */
export function parseJsonBody(bytes: Buffer, maxBytes: number): JsonPart {
  if (bytes.length > maxBytes) {
    throw new RequestError(
      'body_too_large',
      `The body has more than ${maxBytes} bytes; send fewer events at once`,
      { limit: { name: 'maxBodyBytes', value: maxBytes } },
    );
  }
  if (!isUtf8(bytes)) {
    throw new RequestError('invalid_json', 'The body is not valid UTF-8');
  }
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    const start = skipSpace(bytes, 0);
    return { value, bytes, start, end: bytes.length };
  } catch {
    // The parser's own message quotes the body.
    throw new RequestError('invalid_json', 'The body is not valid JSON');
  }
}

/** A member of an object; the last one of that name, as parsers have it. */
export function memberOf(part: JsonPart, name: string): JsonPart | undefined {
  const { value, bytes } = part;
  if (!isObject(value) || !Object.hasOwn(value, name)) {
    return undefined;
  }
  let found: JsonPart | undefined;
  let at = skipSpace(bytes, part.start + 1);
  while (bytes[at] !== CLOSE_OBJECT) {
    const nameEnd = skipValue(bytes, at);
    const text = bytes.toString('utf8', at, nameEnd);
    const start = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1);
    const end = skipValue(bytes, start);
    // A name may be written with escapes.
    if (JSON.parse(text) === name) {
      found = { value: value[name], bytes, start, end };
    }
    at = afterComma(bytes, end);
  }
  return found;
}

/**
 * The elements of a list; `undefined` for any other value.
 *
 * @throws RequestError `batch_too_many_events`
 */
export function elementsOf(
  part: JsonPart,
  maxElements: number,
): JsonPart[] | undefined {
  const { value, bytes } = part;
  if (!Array.isArray(value)) {
    return undefined;
  }
  if (value.length > maxElements) {
    throw tooManyEvents(maxElements);
  }
  const elements: JsonPart[] = [];
  let at = skipSpace(bytes, part.start + 1);
  while (bytes[at] !== CLOSE_LIST) {
    const end = skipValue(bytes, at);
    elements.push({ value: value[elements.length], bytes, start: at, end });
    at = afterComma(bytes, end);
  }
  return elements;
}

/** The answer to more events than one request may bring. */
export function tooManyEvents(max: number): RequestError {
  return new RequestError(
    'batch_too_many_events',
    `The request holds more than ${max} events; send fewer at once`,
    { limit: { name: 'maxEventsPerRequest', value: max } },
  );
}

/** The text of a part, exactly as it came. */
export function textOf(part: JsonPart | undefined): string {
  return part
    ? part.bytes.toString('utf8', part.start, part.end).trim()
    : 'null';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function afterComma(bytes: Buffer, end: number): number {
  const at = skipSpace(bytes, end);
  return bytes[at] === COMMA ? skipSpace(bytes, at + 1) : at;
}
