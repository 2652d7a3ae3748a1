import { InputError } from '@backstage/errors';
import { z } from 'zod';

/** The last row of the page before. */
export interface RefusedCursor {
  receivedAt: Date;
  refusalId: string;
}

// A refusal id has the form of a UUID but is a hash: its version bits say nothing.
const cursorSchema = z.tuple([z.iso.datetime(), z.guid()]);

/** A cursor as it travels in a URL. */
export function formatRefusedCursor(cursor: RefusedCursor): string {
  return Buffer.from(
    JSON.stringify([cursor.receivedAt.toISOString(), cursor.refusalId]),
  ).toString('base64url');
}

/** @throws InputError when the text was not made by {@link formatRefusedCursor} */
export function parseRefusedCursor(text: string): RefusedCursor {
  try {
    const [receivedAt, refusalId] = cursorSchema.parse(
      JSON.parse(Buffer.from(text, 'base64url').toString('utf8')),
    );
    return { receivedAt: new Date(receivedAt), refusalId };
  } catch {
    throw new InputError(
      'Invalid cursor: give back the nextCursor of the page before, or none',
    );
  }
}
