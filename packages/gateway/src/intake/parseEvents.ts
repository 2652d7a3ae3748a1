import { isUtf8 } from 'node:buffer';
import { RequestError } from '../errors';
import { BodyFormat } from '../http';
import { mayHoldHazards } from './hazards';
import { scanJson } from './scanJson';

/** One event as it came. */
export interface IncomingEvent {
  /** Parsed JSON: anything. */
  value: unknown;
  /** Length of its JSON text. */
  bytes: number;
  depth: number;
  /** Whether its body holds text that calls for a closer look. */
  isSuspicious: boolean;
  /** The exact JSON text, cut to at most `maxBytes`. */
  raw(maxBytes: number): string;
}

/**
 * Takes a body apart into events.
 *
 * @throws RequestError `invalid_json`, `not_a_batch` or `batch_too_many_events`
 */
export function parseEvents(
  body: Buffer,
  shape: BodyFormat['shape'],
  maxEvents: number,
): IncomingEvent[] {
  if (!isUtf8(body)) {
    throw new RequestError('invalid_json', 'The body is not valid UTF-8');
  }
  const text = body.toString('utf8');
  const values = toList(parseJson(text), shape);
  if (values.length === 0) {
    throw new RequestError('not_a_batch', 'The batch holds no events');
  }
  if (values.length > maxEvents) {
    throw new RequestError(
      'batch_too_many_events',
      `The batch holds more than ${maxEvents} events`,
    );
  }
  const extents = scanJson(body);
  const isSuspicious = mayHoldHazards(text);
  return values.map((value, index) => {
    const { start, end, depth } = extents[index];
    return {
      value,
      bytes: end - start,
      depth,
      isSuspicious,
      raw: maxBytes => cutText(body, start, Math.min(end, start + maxBytes)),
    };
  });
}

/** UTF-8 text of a range; a character cut at the end is left out. */
export function cutText(bytes: Buffer, start: number, end: number): string {
  let last = end;
  while (last > start && last < bytes.length && isContinuation(bytes[last])) {
    last -= 1;
  }
  return bytes.toString('utf8', start, last);
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body.
    throw new RequestError('invalid_json', 'The body is not valid JSON');
  }
}

function toList(value: unknown, shape: BodyFormat['shape']): unknown[] {
  const isList = Array.isArray(value);
  if (shape !== 'single' && isList) {
    return value;
  }
  if (shape !== 'batch' && typeof value === 'object' && value && !isList) {
    return [value];
  }
  const expected = {
    batch: 'a list of CloudEvents',
    single: 'one CloudEvent, a JSON object',
    either: 'one CloudEvent or a list of them',
  };
  throw new RequestError('not_a_batch', `The body must be ${expected[shape]}`);
}
