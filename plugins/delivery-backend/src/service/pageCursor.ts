import { InputError } from '@backstage/errors';
import { z } from 'zod';

/** The last row of the page before, as it travels in a URL. */
export interface PageCursor<T> {
  format(cursor: T): string;
  /** @throws InputError when the text was not made by `format` */
  parse(text: string): T;
}

/**
 * A cursor of lists that are in the order of a time, and of a second value
 * where times are equal.
 *
 * @param second what the second value has to be
 */
export function createPageCursor<S>(
  second: z.ZodType<S>,
): PageCursor<{ at: Date; second: S }> {
  const schema = z.tuple([z.iso.datetime(), second]);
  return {
    format: cursor =>
      Buffer.from(
        JSON.stringify([cursor.at.toISOString(), cursor.second]),
      ).toString('base64url'),
    parse: text => {
      try {
        const [at, value] = schema.parse(
          JSON.parse(Buffer.from(text, 'base64url').toString('utf8')),
        );
        return { at: new Date(at), second: value };
      } catch {
        throw new InputError(
          'Invalid cursor: give back the nextCursor of the page before, or none',
        );
      }
    },
  };
}
