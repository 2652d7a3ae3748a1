import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '../errors';
import { GatewayLimits } from '../options';

const PREFIX = 'ce-';

/** Whether the attributes of the event are in the headers. */
export function isBinaryMode(headers: IncomingHttpHeaders): boolean {
  return headers['ce-specversion'] !== undefined;
}

/**
 * Puts an event of the CloudEvents binary mode, attributes in `ce-*` headers
 * and data in the body, into the form of one JSON object, in which every event
 * is judged. The bytes of the data stay as they came.
 *
 * @throws RequestError `unsupported_media_type` for data that is not JSON, or
 * `invalid_json`
 */
export function structuredEvent(
  headers: IncomingHttpHeaders,
  body: Buffer,
  { maxEventBytes }: Pick<GatewayLimits, 'maxEventBytes'>,
): Buffer {
  const contentType = headers['content-type'] ?? 'application/json';
  if (!/^[\w.+-]+\/(json|[\w.-]+\+json)\s*(;|$)/i.test(contentType)) {
    throw new RequestError(
      'unsupported_media_type',
      'In binary mode the body is the data of the event: its content type must be JSON',
    );
  }
  // Or else data could end the object and begin another attribute. What is too
  // large is refused for its size, unread.
  if (body.length <= maxEventBytes && !isJson(body)) {
    throw new RequestError('invalid_json', 'The body is not valid JSON');
  }
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, value]) => [name.slice(PREFIX.length), decode(String(value))]);
  const envelope = JSON.stringify(Object.fromEntries(attributes));
  return Buffer.concat([
    Buffer.from(`${envelope.slice(0, -1)},"data":`),
    body,
    Buffer.from('}'),
  ]);
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

/** Header values are percent-encoded UTF-8. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
