import { z } from 'zod';
import { createPageCursor } from '../service/pageCursor';

/** The last finding of the page before. */
export interface FindingCursor {
  firstSeenAt: Date;
  findingId: string;
}

const cursors = createPageCursor(z.guid());

/** A cursor as it travels in a URL. */
export function formatFindingCursor(cursor: FindingCursor): string {
  return cursors.format({ at: cursor.firstSeenAt, second: cursor.findingId });
}

/** @throws InputError when the text was not made by {@link formatFindingCursor} */
export function parseFindingCursor(text: string): FindingCursor {
  const { at, second } = cursors.parse(text);
  return { firstSeenAt: at, findingId: second };
}
