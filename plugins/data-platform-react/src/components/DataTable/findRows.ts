import type { SortDescriptor } from '@backstage/ui';

/** What a column is sorted by. */
export type SortValue = string | number;

/**
 * The rows that hold the wanted words, each of them anywhere: `order checkout`
 * finds what has both, in any order and whatever the case.
 */
export function searchRows<T>(
  rows: T[],
  search: string,
  textsOf: (row: T) => (string | undefined)[],
): T[] {
  const words = search.toLocaleLowerCase('en-US').split(/\s+/).filter(Boolean);
  if (!words.length) {
    return rows;
  }
  return rows.filter(row => {
    const text = textsOf(row).join('\n').toLocaleLowerCase('en-US');
    return words.every(word => text.includes(word));
  });
}

/** The rows in order; equal ones by their id, so that nothing jumps about. */
export function sortRows<T extends { id: string }>(
  rows: T[],
  { direction }: SortDescriptor,
  valueOf: (row: T) => SortValue,
): T[] {
  const sign = direction === 'descending' ? -1 : 1;
  return rows
    .map(row => ({ row, value: valueOf(row) }))
    .sort((a, b) => {
      if (a.value === b.value) {
        return a.row.id < b.row.id ? -1 : 1;
      }
      return a.value < b.value ? -sign : sign;
    })
    .map(({ row }) => row);
}
