import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '../errors';

/** `either` when the media type leaves open which of the two it is. */
export type BodyShape = 'batch' | 'single' | 'either' | 'lines';

const SHAPES: Record<string, BodyShape> = {
  'application/cloudevents-batch+json': 'batch',
  'application/cloudevents+json': 'single',
  'application/json': 'either',
  'application/x-ndjson': 'lines',
  'application/ndjson': 'lines',
  // navigator.sendBeacon can send nothing else without asking first.
  'text/plain': 'either',
};

/**
 * Reads Content-Type. A missing one is taken for JSON.
 *
 * @throws RequestError `unsupported_media_type`
 */
export function parseContentType(headers: IncomingHttpHeaders): BodyShape {
  const [type, ...parameters] = (headers['content-type'] ?? 'application/json')
    .toLowerCase()
    .split(';')
    .map(part => part.trim());
  const charset = parameters
    .find(parameter => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '');
  if (
    !Object.hasOwn(SHAPES, type) ||
    (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8')
  ) {
    throw new RequestError(
      'unsupported_media_type',
      `The content type must be one of ${Object.keys(SHAPES).join(
        ', ',
      )}, in UTF-8`,
    );
  }
  return SHAPES[type];
}
