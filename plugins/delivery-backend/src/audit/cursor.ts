import { InputError } from '@backstage/errors';
import { z } from 'zod';

/** The last finding of the page before. */
export interface FindingCursor {
  firstSeenAt: Date;
  findingId: string;
}

const cursorSchema = z.tuple([z.iso.datetime(), z.guid()]);

/** A cursor as it travels in a URL. */
export function formatFindingCursor(cursor: FindingCursor): string {
  return Buffer.from(
    JSON.stringify([cursor.firstSeenAt.toISOString(), cursor.findingId]),
  ).toString('base64url');
}

/** @throws InputError when the text was not made by {@link formatFindingCursor} */
export function parseFindingCursor(text: string): FindingCursor {
  try {
    const [firstSeenAt, findingId] = cursorSchema.parse(
      JSON.parse(Buffer.from(text, 'base64url').toString('utf8')),
    );
    return { firstSeenAt: new Date(firstSeenAt), findingId };
  } catch {
    throw new InputError(
      'Invalid cursor: give back the nextCursor of the page before, or none',
    );
  }
}
