import { z } from 'zod';
import { createPageCursor } from '../service/pageCursor';

/** The last revision of the page before. */
export interface DatasetCursor {
  bucketStart: Date;
  revision: number;
}

const cursors = createPageCursor(z.int().min(1));

/** A cursor as it travels in a URL. */
export function formatDatasetCursor(cursor: DatasetCursor): string {
  return cursors.format({ at: cursor.bucketStart, second: cursor.revision });
}

/** @throws InputError when the text was not made by {@link formatDatasetCursor} */
export function parseDatasetCursor(text: string): DatasetCursor {
  const { at, second } = cursors.parse(text);
  return { bucketStart: at, revision: second };
}
