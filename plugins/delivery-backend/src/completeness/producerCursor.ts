import { InputError } from '@backstage/errors';
import type { ProducerCursor } from '@millrace/ledger';
import { z } from 'zod';

const cursorSchema = z.tuple([
  z.iso.datetime(),
  z.string().max(200),
  z.string().max(200),
]);

/** A cursor as it travels in a URL. */
export function formatProducerCursor(cursor: ProducerCursor): string {
  const { lastSeenAt, producer, epoch } = cursor;
  return Buffer.from(
    JSON.stringify([lastSeenAt.toISOString(), producer, epoch]),
  ).toString('base64url');
}

/** @throws InputError when the text was not made by {@link formatProducerCursor} */
export function parseProducerCursor(text: string): ProducerCursor {
  try {
    const [lastSeenAt, producer, epoch] = cursorSchema.parse(
      JSON.parse(Buffer.from(text, 'base64url').toString('utf8')),
    );
    return { lastSeenAt: new Date(lastSeenAt), producer, epoch };
  } catch {
    throw new InputError(
      'Invalid cursor: give back the nextCursor of the page before, or none',
    );
  }
}
