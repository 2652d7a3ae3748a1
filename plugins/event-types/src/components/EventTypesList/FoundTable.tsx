import {
  type ColumnConfig,
  type SortDescriptor,
  Switch,
  Table,
} from '@backstage/ui';
import {
  NoneFits,
  Pager,
  TableFrame,
  describeNoneFits,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { SearchAsYouType } from './SearchAsYouType';
import { type FindQueryState, sortText } from './useFindQuery';

/**
 * A table whose rows the backend finds: search and filters above, then how many
 * of how many are shown, then one page of them. Only that page is ever here.
 */
export function FoundTable<T extends { id: string }>(props: {
  /** What one row is, in singular and plural: `event type`, `event types`. */
  of: { one: string; many: string };
  /** What the search looks at, for people. */
  searchHint: string;
  query: FindQueryState;
  sort: SortDescriptor;
  columns: ColumnConfig<T>[];
  rows: T[];
  /** How many fit, and how many there are without any narrowing. */
  total: number;
  readable: number;
  /** Missing on the last and the first page. */
  nextCursor?: string;
  previousCursor?: string;
  /** Whether the rows are still those of the question before. */
  isStale: boolean;
  filters: ReactNode;
}) {
  const { of, searchHint, query, sort, columns, rows, total, readable } = props;
  const { nextCursor, previousCursor, isStale, filters } = props;
  const { change, clear, isNarrowed } = query;
  const isWhole = rows.length === total;
  const ref = useRef<HTMLElement>(null);

  const shownCursor = useRef(query.cursor);
  useEffect(() => {
    // The button that led to the last page is disabled there and drops the
    // focus; it goes to the table, from where Tab goes on.
    const isTurned = shownCursor.current !== query.cursor;
    shownCursor.current = query.cursor;
    if (isTurned) {
      ref.current?.focus();
    }
  }, [query.cursor]);

  const turnTo = (cursor: string | undefined) =>
    cursor === undefined ? undefined : () => change({ cursor });

  return (
    <TableFrame
      label={of.many}
      frameRef={ref}
      isStale={isStale}
      search={
        <SearchAsYouType
          label={`Search ${of.many}`}
          placeholder={searchHint}
          value={query.text}
          onChange={text => change({ text })}
        />
      }
      filters={filters}
      toggle={
        <Switch
          label="Only mine"
          isSelected={query.isMine}
          onChange={isMine => change({ mine: isMine ? 'true' : undefined })}
        />
      }
      found={howMany({ of, shown: rows.length, total, readable })}
      onShowAll={isNarrowed && total > 0 ? clear : undefined}
    >
      <Table
        columnConfig={columns}
        data={rows}
        isStale={isStale}
        sort={{
          descriptor: sort,
          onSortChange: next => change({ sort: sortText(next) }),
        }}
        pagination={{ type: 'none' }}
        emptyState={
          total ? (
            <NoneFits
              title="This page is empty now."
              description="What was here has gone, or its order has changed."
              action="Back to the first page"
              onPress={() => change({})}
            />
          ) : (
            <NoneFits
              title={`No ${of.one} fits.`}
              description={describeNoneFits(query.text, searchHint)}
              action={`Show all ${formatCountOf(readable, of.one, of.many)}`}
              onPress={clear}
            />
          )
        }
      />
      {!isWhole && (
        <Pager
          label={of.many}
          words={{ back: 'Previous page', on: 'Next page' }}
          onBack={turnTo(previousCursor)}
          onOn={turnTo(nextCursor)}
        />
      )}
    </TableFrame>
  );
}

/** How many of how many are shown, without saying a number twice. */
function howMany(counts: {
  of: { one: string; many: string };
  shown: number;
  total: number;
  readable: number;
}): string {
  const { of, shown, total, readable } = counts;
  if (total === readable) {
    return shown === total
      ? formatCountOf(total, of.one, of.many)
      : `${formatCount(shown)} of ${formatCountOf(total, of.one, of.many)}`;
  }
  const fit = `${formatCount(total)} of ${formatCountOf(
    readable,
    of.one,
    of.many,
  )}`;
  return shown === total ? fit : `${formatCount(shown)} shown; ${fit}`;
}
