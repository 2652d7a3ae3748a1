import { z } from 'zod';
import { createPageCursor } from '../service/pageCursor';

/** The last operation of the page before. */
export interface RevisionCursor {
  requestedAt: Date;
  operationId: string;
}

const cursors = createPageCursor(z.guid());

/** A cursor as it travels in a URL. */
export function formatRevisionCursor(cursor: RevisionCursor): string {
  return cursors.format({
    at: cursor.requestedAt,
    second: cursor.operationId,
  });
}

/** @throws InputError when the text was not made by {@link formatRevisionCursor} */
export function parseRevisionCursor(text: string): RevisionCursor {
  const { at, second } = cursors.parse(text);
  return { requestedAt: at, operationId: second };
}
