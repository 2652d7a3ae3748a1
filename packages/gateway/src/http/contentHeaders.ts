import { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '../errors';

/** How a body is to be read. */
export interface BodyFormat {
  /** `either` when the media type leaves open which of the two it is. */
  shape: 'batch' | 'single' | 'either';
  isGzip: boolean;
}

const SHAPES: Record<string, BodyFormat['shape']> = {
  'application/cloudevents-batch+json': 'batch',
  'application/cloudevents+json': 'single',
  'application/json': 'either',
};

/**
 * Reads Content-Type and Content-Encoding. A missing content type is taken for
 * JSON. Encodings inside encodings are refused: each level multiplies what a
 * small body can grow to.
 *
 * @throws RequestError `unsupported_media_type` or `unsupported_encoding`
 */
export function parseContentHeaders(headers: IncomingHttpHeaders): BodyFormat {
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
  const encoding = (headers['content-encoding'] ?? 'identity')
    .trim()
    .toLowerCase();
  if (encoding !== 'gzip' && encoding !== 'identity') {
    throw new RequestError(
      'unsupported_encoding',
      'The content encoding must be gzip, or none',
    );
  }
  return { shape: SHAPES[type], isGzip: encoding === 'gzip' };
}
