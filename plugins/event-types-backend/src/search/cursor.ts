import { InputError } from '@backstage/errors';
import { z } from 'zod';

/** Rows of a page, unless it is asked for otherwise. */
export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 200;

/** The key of a row: what the list is sorted by, and what tells equal ones apart. */
export type RowKey = readonly [value: string, ...rest: string[]];

/** Where a page lies in a sorted list. */
export interface PagePosition<TSort extends string> {
  limit: number;
  sort: TSort;
  isDescending: boolean;
  /** The row beside which the page begins; missing for the first page. */
  beside?: RowKey;
  /** Whether the page ends before that row instead of beginning after it. */
  isBackwards: boolean;
}

/** What a cursor is made of; clients hand it back as they got it. */
const cursorSchema = z.strictObject({
  /** With `-` in front when descending. */
  sort: z.string(),
  key: z
    .array(z.string().refine(text => !text.includes('\0')))
    .min(1)
    .max(3),
  isBackwards: z.boolean(),
});

/** The sort of a position as requests write it. */
function sortText<TSort extends string>(position: {
  sort: TSort;
  isDescending: boolean;
}): string {
  return `${position.isDescending ? '-' : ''}${position.sort}`;
}

/** A cursor for the page after, or before, a row. */
export function writeCursor<TSort extends string>(
  position: PagePosition<TSort>,
  row: { key: RowKey; isBackwards: boolean },
): string {
  const cursor: z.infer<typeof cursorSchema> = {
    sort: sortText(position),
    key: [...row.key],
    isBackwards: row.isBackwards,
  };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/**
 * Where a cursor leads in a list of this order.
 *
 * @param isKey - whether texts can be the key of a row of the list
 * @throws InputError when the cursor is of another list or order, or was made up
 */
export function readCursor<TSort extends string>(
  text: string,
  order: { sort: TSort; isDescending: boolean },
  isKey: (sort: TSort, key: readonly string[]) => boolean,
): Pick<PagePosition<TSort>, 'beside' | 'isBackwards'> {
  const parsed = cursorSchema.safeParse(parseJson(text));
  if (
    !parsed.success ||
    parsed.data.sort !== sortText(order) ||
    !isKey(order.sort, parsed.data.key)
  ) {
    throw new InputError(
      'The cursor does not belong to this list in this order; leave it out to begin with the first page',
    );
  }
  const [value, ...rest] = parsed.data.key;
  return { beside: [value, ...rest], isBackwards: parsed.data.isBackwards };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * A page from rows that were read in the direction of the position, one more than
 * the page takes if there are more.
 */
export function toPage<TSort extends string, TRow>(
  position: PagePosition<TSort>,
  rows: readonly TRow[],
  keyOf: (row: TRow) => RowKey,
): { rows: TRow[]; nextCursor?: string; previousCursor?: string } {
  const { limit, isBackwards, beside } = position;
  const hasMore = rows.length > limit;
  const shown = rows.slice(0, limit);
  if (isBackwards) {
    shown.reverse();
  }
  // Whoever came from a page finds it on the side they came from.
  const hasNext = isBackwards || hasMore;
  const hasPrevious = isBackwards ? hasMore : beside !== undefined;
  const first = shown.at(0);
  const last = shown.at(-1);
  return {
    rows: shown,
    nextCursor:
      hasNext && last
        ? writeCursor(position, { key: keyOf(last), isBackwards: false })
        : undefined,
    previousCursor:
      hasPrevious && first
        ? writeCursor(position, { key: keyOf(first), isBackwards: true })
        : undefined,
  };
}
