import {
  type ColumnConfig,
  SearchField,
  type SortDescriptor,
  Table,
} from '@backstage/ui';
import {
  type ReactNode,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
} from 'react';
import { formatCount, formatCountOf } from '../../format';
import { NoneFits, TableFrame, describeNoneFits } from '../TableFrame';
import { type SortValue, searchRows, sortRows } from './findRows';
import { PAGE_SIZES, type TableQueryState } from './tableQuery';

/**
 * A column of a {@link DataTable}: sortable where it says by what.
 *
 * @public
 */
export type DataColumn<T extends { id: string }> = Omit<
  ColumnConfig<T>,
  'isSortable'
> & {
  /** What it is sorted by; larger is "more" of what it shows. */
  sortBy?: (row: T) => SortValue;
};

/**
 * The table of a page: search and filters above, then how many of how many are
 * shown, then one page of them. Only the rows of that page are drawn, so that
 * it stays quick with thousands. Search, order and page are the caller's, most
 * often from {@link useTableQuery}.
 *
 * @public
 */
export function DataTable<T extends { id: string }>(props: {
  /** What one row is, in singular and plural: `event type`, `event types`. */
  of: { one: string; many: string };
  /** All rows that the filters let through. */
  rows: T[];
  /** How many there are without filters, where filters took some away. */
  total?: number;
  columns: DataColumn<T>[];
  /** The order where the address names none. */
  defaultSort: SortDescriptor;
  query: TableQueryState;
  /** What the search looks at, for people: `Name, owner or state`. */
  searchHint: string;
  /** What the search looks at. */
  textsOf: (row: T) => (string | undefined)[];
  /** Fields that narrow the rows, to the right of the search. */
  filters?: ReactNode;
  /** Where the filters stand in the address: what "Show all" takes away. */
  filterParams?: readonly string[];
}) {
  const { of, rows, total = rows.length, columns, defaultSort } = props;
  const { query, searchHint, textsOf, filters, filterParams = [] } = props;
  const { page, pageSize, change } = query;
  // Typing stays smooth: the rows follow as soon as there is time.
  const search = useDeferredValue(query.search);
  const sortable = useMemo(
    () =>
      columns.map(column => ({
        ...column,
        isSortable: Boolean(column.sortBy),
      })),
    [columns],
  );
  const wanted = query.sort ?? defaultSort;
  const sorter =
    columns.find(({ id, sortBy }) => sortBy && id === wanted.column) ??
    columns.find(({ id }) => id === defaultSort.column);
  const sort = sorter?.id === wanted.column ? wanted : defaultSort;

  const found = useMemo(() => {
    const matching = searchRows(rows, search, textsOf);
    return sorter?.sortBy ? sortRows(matching, sort, sorter.sortBy) : matching;
    // A new descriptor of the same order is the same order.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [rows, search, textsOf, sorter?.sortBy, sort.direction]);

  const lastPage = Math.max(1, Math.ceil(found.length / pageSize));
  const shownPage = Math.min(page, lastPage);
  const offset = (shownPage - 1) * pageSize;
  const shown = useMemo(
    () => found.slice(offset, offset + pageSize),
    [found, offset, pageSize],
  );
  const isNarrowed = found.length < total;
  const ref = useRef<HTMLElement>(null);
  const lastShownRef = useRef(shownPage);
  useEffect(() => {
    // On the last page the button that led there is disabled and drops the
    // focus; it goes to the table, from where Tab goes on.
    const isTurned = lastShownRef.current !== shownPage;
    lastShownRef.current = shownPage;
    if (isTurned && document.activeElement === document.body) {
      ref.current?.focus({ preventScroll: true });
    }
  }, [shownPage]);
  const clear = () =>
    change(
      { search: '' },
      Object.fromEntries(filterParams.map(name => [name, undefined])),
    );

  return (
    <TableFrame
      label={of.many}
      frameRef={ref}
      search={
        <SearchField
          label={`Search ${of.many}`}
          placeholder={searchHint}
          value={query.search}
          onChange={text => change({ search: text })}
        />
      }
      filters={filters}
      found={
        isNarrowed
          ? `${formatCount(found.length)} of ${formatCountOf(
              total,
              of.one,
              of.many,
            )}`
          : formatCountOf(total, of.one, of.many)
      }
      onShowAll={isNarrowed && found.length > 0 ? clear : undefined}
    >
      <Table
        columnConfig={sortable}
        data={shown}
        sort={{
          descriptor: sort,
          onSortChange: next => change({ sort: next }),
        }}
        pagination={
          total > PAGE_SIZES[0]
            ? {
                type: 'page',
                pageSize,
                pageSizeOptions: PAGE_SIZES,
                offset,
                totalCount: found.length,
                hasNextPage: shownPage < lastPage,
                hasPreviousPage: shownPage > 1,
                onNextPage: () => change({ page: shownPage + 1 }),
                onPreviousPage: () => change({ page: shownPage - 1 }),
                onPageSizeChange: size => change({ pageSize: size }),
              }
            : { type: 'none' }
        }
        emptyState={
          <NoneFits
            title={`No ${of.one} fits.`}
            description={describeNoneFits(query.search, searchHint)}
            action={`Show all ${formatCountOf(total, of.one, of.many)}`}
            onPress={clear}
          />
        }
      />
    </TableFrame>
  );
}
