import type { ProducerCursor } from '@millrace/ledger';
import { z } from 'zod';
import { createPageCursor } from '../service/pageCursor';

const cursors = createPageCursor(
  z.tuple([z.string().max(200), z.string().max(200)]),
);

/** A cursor as it travels in a URL. */
export function formatProducerCursor(cursor: ProducerCursor): string {
  const { lastSeenAt, producer, epoch } = cursor;
  return cursors.format({ at: lastSeenAt, second: [producer, epoch] });
}

/** @throws InputError when the text was not made by {@link formatProducerCursor} */
export function parseProducerCursor(text: string): ProducerCursor {
  const { at, second } = cursors.parse(text);
  const [producer, epoch] = second;
  return { lastSeenAt: at, producer, epoch };
}
