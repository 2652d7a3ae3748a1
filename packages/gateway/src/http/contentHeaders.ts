import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '../errors';
import { ContentCoding } from './types';

/**
 * Reads Content-Encoding. Encodings inside encodings are refused: each level
 * multiplies what a small body can grow to.
 *
 * @throws RequestError `unsupported_encoding`
 */
export function parseContentCoding(
  headers: IncomingHttpHeaders,
): ContentCoding {
  const coding = (headers['content-encoding'] ?? 'identity')
    .trim()
    .toLowerCase();
  switch (coding) {
    case 'identity':
    case 'gzip':
    case 'zstd':
      return coding;
    case 'x-gzip':
      return 'gzip';
    default:
      throw new RequestError(
        'unsupported_encoding',
        'The content encoding must be gzip or zstd, or none',
        { headers: { 'accept-encoding': 'gzip, zstd' } },
      );
  }
}
