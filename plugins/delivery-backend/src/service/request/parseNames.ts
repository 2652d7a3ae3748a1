import { InputError, NotFoundError } from '@backstage/errors';
import { bucketOf, parseEventTypeName } from '@millrace/schema';
import { z } from 'zod';
import { instant, parse } from './parse';

/** @throws NotFoundError when no event type can have the name */
export function parseName(params: { [key: string]: string }): string {
  try {
    return parseEventTypeName(params.name);
  } catch {
    throw new NotFoundError(
      `There is no event type '${params.name.slice(0, 64)}'`,
    );
  }
}

/**
 * The start of a bucket in a path.
 *
 * Any whole number of seconds that some bucket length allows is accepted, since
 * the configured length may have changed since the partition was sealed.
 *
 * @throws InputError when no bucket can start at that time
 */
export function parseBucketStart(params: { [key: string]: string }): Date {
  const start = parse('bucket start', instant, params.bucketStart);
  if (bucketOf(start, 1).start.getTime() !== start.getTime()) {
    throw new InputError(
      'Invalid bucket start: buckets start on a whole second',
    );
  }
  return start;
}

/** @throws NotFoundError when no write key can have the id */
export function parseKeyId(params: { [key: string]: string }): string {
  const result = z
    .string()
    .regex(/^[0-9a-z]{10}$/)
    .safeParse(params.keyId);
  if (!result.success) {
    throw new NotFoundError('There is no write key of that id');
  }
  return result.data;
}
