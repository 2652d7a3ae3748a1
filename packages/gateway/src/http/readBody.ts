import { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { RequestError } from '../errors';
import { GatewayLimits } from '../options';
import { Reservation } from './inFlightBytes';

const INFLATE_CHUNK_BYTES = 128 * 1024;

/** The sender went away before its request was complete: nobody to answer. */
export class RequestAborted extends Error {}

/**
 * Reads a body, bounded before and after decompression.
 *
 * @throws RequestError `body_too_large`, `overloaded`, or `invalid_json` for a
 * body that is not the gzip it claims to be
 */
export async function readBody(
  request: IncomingMessage,
  isGzip: boolean,
  limits: Pick<GatewayLimits, 'maxBodyBytes' | 'maxInflatedBytes'>,
  reservation: Reservation,
): Promise<Buffer> {
  const received = await receive(request, limits.maxBodyBytes, reservation);
  if (!isGzip) {
    return received;
  }
  return inflate(received, limits.maxInflatedBytes, reservation);
}

async function inflate(
  body: Buffer,
  maxBytes: number,
  reservation: Reservation,
): Promise<Buffer> {
  // Piece by piece, so that a bomb is stopped at the bound and each piece is
  // accounted for before the next one exists.
  const gunzip = createGunzip({ chunkSize: INFLATE_CHUNK_BYTES });
  gunzip.end(body);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of gunzip) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw tooLarge(maxBytes, 'decompressed ');
      }
      reservation.reserve(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof RequestError) {
      throw error;
    }
    throw new RequestError('invalid_json', 'The body is not valid gzip');
  }
  return Buffer.concat(chunks, bytes);
}

async function receive(
  request: IncomingMessage,
  maxBytes: number,
  reservation: Reservation,
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    throw tooLarge(maxBytes);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      try {
        if (bytes > maxBytes) {
          throw tooLarge(maxBytes);
        }
        reservation.reserve(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        // What still comes is read and dropped by the server.
        request.off('data', onData);
        reject(error);
      }
    };
    request.on('data', onData);
    request.once('end', resolve);
    request.once('close', () => {
      if (!request.complete) {
        reject(new RequestAborted());
      }
    });
  });
  return Buffer.concat(chunks, bytes);
}

function tooLarge(maxBytes: number, what: string = ''): RequestError {
  return new RequestError(
    'body_too_large',
    `The ${what}body has more than ${maxBytes} bytes; send fewer events at once`,
  );
}
