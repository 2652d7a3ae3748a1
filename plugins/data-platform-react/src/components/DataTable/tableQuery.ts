import type { SortDescriptor } from '@backstage/ui';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';

/** The sizes a page of a table may have. */
export const PAGE_SIZES = [20, 50, 100];

/**
 * What of a table stands in the address bar.
 *
 * @public
 */
export interface TableQuery {
  search: string;
  /** Missing: the table's own order. */
  sort?: SortDescriptor;
  /** From 1. A page that no longer exists shows the last one that does. */
  page: number;
  pageSize: number;
}

/**
 * A {@link TableQuery} and how to change it.
 *
 * @public
 */
export interface TableQueryState extends TableQuery {
  /**
   * Changing anything but the page leads back to the first page. Filters of the
   * page that stand in its address are changed along with it, as `others`: two
   * changes of an address in one step would lose the first of them.
   */
  change: (
    part: Partial<TableQuery>,
    others?: Record<string, string | undefined>,
  ) => void;
}

const PARAMS = { search: 'q', sort: 'sort', page: 'page', pageSize: 'rows' };

function parseSort(text: string | null): SortDescriptor | undefined {
  if (!text) {
    return undefined;
  }
  return text.startsWith('-')
    ? { column: text.slice(1), direction: 'descending' }
    : { column: text, direction: 'ascending' };
}

function parsePage(text: string | null): number {
  const page = Number(text);
  return Number.isSafeInteger(page) && page >= 1 ? page : 1;
}

function parsePageSize(text: string | null): number {
  return PAGE_SIZES.find(size => String(size) === text) ?? PAGE_SIZES[0];
}

/** What a query is in the address bar; a default is left out. */
function toParams(part: Partial<TableQuery>): [string, string | undefined][] {
  const params: [string, string | undefined][] = [];
  if ('search' in part) {
    params.push([PARAMS.search, part.search || undefined]);
  }
  if ('sort' in part) {
    const { sort } = part;
    const sign = sort?.direction === 'descending' ? '-' : '';
    params.push([PARAMS.sort, sort && `${sign}${sort.column}`]);
  }
  if ('pageSize' in part) {
    const isDefault = part.pageSize === PAGE_SIZES[0];
    params.push([
      PARAMS.pageSize,
      isDefault ? undefined : String(part.pageSize),
    ]);
  }
  const page = part.page ?? 1;
  params.push([PARAMS.page, page === 1 ? undefined : String(page)]);
  return params;
}

/**
 * Search, order and page of the one table of a page, in its address: a link
 * shows what its sender saw, and "back" from a row returns to where one was.
 * Narrowing is looking and not going somewhere, so it leaves no history.
 *
 * @public
 */
export function useTableQuery(): TableQueryState {
  const [params, setParams] = useSearchParams();
  const search = params.get(PARAMS.search) ?? '';
  const sort = params.get(PARAMS.sort);
  const page = params.get(PARAMS.page);
  const pageSize = params.get(PARAMS.pageSize);

  const change = useCallback(
    (
      part: Partial<TableQuery>,
      others: Record<string, string | undefined> = {},
    ) =>
      setParams(
        current => {
          const next = new URLSearchParams(current);
          for (const [name, value] of [
            ...toParams(part),
            ...Object.entries(others),
          ]) {
            if (!value) {
              next.delete(name);
            } else {
              next.set(name, value);
            }
          }
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  return useMemo(
    () => ({
      search,
      sort: parseSort(sort),
      page: parsePage(page),
      pageSize: parsePageSize(pageSize),
      change,
    }),
    [search, sort, page, pageSize, change],
  );
}
