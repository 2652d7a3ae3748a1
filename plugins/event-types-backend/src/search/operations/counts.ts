import type { FacetCount } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { Conditions } from './criteriaSql';

/** A row of a statement that counts several things at once. */
export interface CountRow {
  facet: string;
  value: string;
  count: number;
}

/** How the column that holds the verdict of a criterion is called. */
function fitsColumn(criterion: string): string {
  return `fits_${criterion.toLowerCase()}`;
}

/** The verdict of each criterion on a row, as a column. */
export function fitsColumns<TKey extends string>(
  db: Knex,
  conditions: Conditions<TKey>,
): Knex.Raw[] {
  return Object.entries<Knex.Raw>(conditions).map(([criterion, condition]) =>
    db.raw(`(?) as ${fitsColumn(criterion)}`, [condition]),
  );
}

/** That a row fits every criterion, but for the one that is left out. */
export function fitsAll<TKey extends string>(
  conditions: Conditions<TKey>,
  but?: TKey,
): string {
  return Object.keys(conditions)
    .filter(criterion => criterion !== but)
    .map(fitsColumn)
    .join(' and ');
}

/** The counts of a facet, the most frequent value first. */
export function facetOf(
  rows: readonly CountRow[],
  facet: string,
): FacetCount[] {
  return rows
    .filter(row => row.facet === facet)
    .map(({ value, count }) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

/** A count that stands for itself. */
export function numberOf(rows: readonly CountRow[], facet: string): number {
  return rows.find(row => row.facet === facet)?.count ?? 0;
}
