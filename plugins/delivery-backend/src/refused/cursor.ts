import { z } from 'zod';
import { createPageCursor } from '../service/pageCursor';

/** The last row of the page before. */
export interface RefusedCursor {
  receivedAt: Date;
  refusalId: string;
}

// A refusal id has the form of a UUID but is a hash: its version bits say nothing.
const cursors = createPageCursor(z.guid());

/** A cursor as it travels in a URL. */
export function formatRefusedCursor(cursor: RefusedCursor): string {
  return cursors.format({ at: cursor.receivedAt, second: cursor.refusalId });
}

/** @throws InputError when the text was not made by {@link formatRefusedCursor} */
export function parseRefusedCursor(text: string): RefusedCursor {
  const { at, second } = cursors.parse(text);
  return { receivedAt: at, refusalId: second };
}
