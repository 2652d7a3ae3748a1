import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { RequestError } from '../errors';
import { GatewayLimits } from '../options';
import { Reservation } from './inFlightBytes';
import { ContentCoding } from './types';

type Limits = Pick<GatewayLimits, 'maxBodyBytes' | 'maxInflatedBytes'>;

const INFLATE_CHUNK_BYTES = 128 * 1024;

/** The sender went away before its request was complete: nobody to answer. */
export class RequestAborted extends Error {}

/**
 * Reads a body, bounded before and after decompression.
 *
 * @throws RequestError `body_too_large`, `overloaded`, or `invalid_compression`
 * for a body that is not what its encoding claims
 */
export async function readBody(
  request: IncomingMessage,
  coding: ContentCoding,
  limits: Limits,
  reservation: Reservation,
): Promise<Buffer> {
  const received = await receive(request, limits, reservation);
  if (coding === 'identity') {
    return received;
  }
  const options = { chunkSize: INFLATE_CHUNK_BYTES };
  const inflater =
    coding === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
  return inflate(received, coding, inflater, limits, reservation);
}

async function inflate(
  body: Buffer,
  coding: ContentCoding,
  inflater: Transform,
  limits: Limits,
  reservation: Reservation,
): Promise<Buffer> {
  // Piece by piece, so that a bomb is stopped at the bound and each piece is
  // accounted for before the next one exists.
  inflater.end(body);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of inflater) {
      bytes += chunk.length;
      if (bytes > limits.maxInflatedBytes) {
        throw tooLarge('maxInflatedBytes', limits, 'decompressed ');
      }
      reservation.reserve(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof RequestError) {
      throw error;
    }
    throw new RequestError(
      'invalid_compression',
      `The body is not valid ${coding}`,
    );
  }
  return Buffer.concat(chunks, bytes);
}

async function receive(
  request: IncomingMessage,
  limits: Limits,
  reservation: Reservation,
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBodyBytes) {
    throw tooLarge('maxBodyBytes', limits);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      try {
        if (bytes > limits.maxBodyBytes) {
          throw tooLarge('maxBodyBytes', limits);
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
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes);
}

function tooLarge(
  name: keyof Limits,
  limits: Limits,
  what: string = '',
): RequestError {
  const value = limits[name];
  return new RequestError(
    'body_too_large',
    `The ${what}body has more than ${value} bytes; send fewer events at once`,
    { limit: { name, value } },
  );
}
