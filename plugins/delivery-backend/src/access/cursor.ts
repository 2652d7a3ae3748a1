import { InputError } from '@backstage/errors';
import { z } from 'zod';

/** The last revision of the page before. */
export interface DatasetCursor {
  bucketStart: Date;
  revision: number;
}

const cursorSchema = z.tuple([z.iso.datetime(), z.int().min(1)]);

/** A cursor as it travels in a URL. */
export function formatDatasetCursor(cursor: DatasetCursor): string {
  return Buffer.from(
    JSON.stringify([cursor.bucketStart.toISOString(), cursor.revision]),
  ).toString('base64url');
}

/** @throws InputError when the text was not made by {@link formatDatasetCursor} */
export function parseDatasetCursor(text: string): DatasetCursor {
  try {
    const [bucketStart, revision] = cursorSchema.parse(
      JSON.parse(Buffer.from(text, 'base64url').toString('utf8')),
    );
    return { bucketStart: new Date(bucketStart), revision };
  } catch {
    throw new InputError(
      'Invalid cursor: give back the nextCursor of the page before, or none',
    );
  }
}
