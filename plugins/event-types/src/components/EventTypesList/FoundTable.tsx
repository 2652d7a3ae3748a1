import {
  Button,
  type ColumnConfig,
  type SortDescriptor,
  Switch,
  Table,
  Text,
} from '@backstage/ui';
import {
  Pager,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { SearchAsYouType } from './SearchAsYouType';
import { type FindQueryState, sortText } from './useFindQuery';
import styles from './FoundTable.module.css';

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
    <section
      ref={ref}
      tabIndex={-1}
      aria-label={of.many}
      aria-busy={isStale}
      className={styles.root}
    >
      <div className={styles.controls} role="search" aria-label={of.many}>
        <SearchAsYouType
          label={`Search ${of.many}`}
          placeholder={searchHint}
          value={query.text}
          onChange={text => change({ text })}
        />
        {filters}
        <div className={styles.mine}>
          <Switch
            label="Only mine"
            isSelected={query.isMine}
            onChange={isMine => change({ mine: isMine ? 'true' : undefined })}
          />
        </div>
      </div>
      <div className={styles.found}>
        <Text as="p" role="status" color="secondary" variant="body-small">
          {howMany({ of, shown: rows.length, total, readable })}
        </Text>
        {isNarrowed && total > 0 && (
          <Button variant="tertiary" size="small" onPress={clear}>
            Show all
          </Button>
        )}
      </div>
      <Table
        className={styles.table}
        columnConfig={columns}
        data={rows}
        isStale={isStale}
        sort={{
          descriptor: sort,
          onSortChange: next => change({ sort: sortText(next) }),
        }}
        pagination={{ type: 'none' }}
        emptyState={
          <div className={styles.none}>
            <Text as="p" weight="bold">
              {total ? 'This page is empty now.' : `No ${of.one} fits.`}
            </Text>
            <Text as="p" color="secondary">
              {noneFits({ total, text: query.text, searchHint })}
            </Text>
            <Button
              variant="secondary"
              onPress={total ? () => change({}) : clear}
            >
              {total
                ? 'Back to the first page'
                : `Show all ${formatCountOf(readable, of.one, of.many)}`}
            </Button>
          </div>
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
    </section>
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

function noneFits(found: {
  total: number;
  text: string;
  searchHint: string;
}): string {
  if (found.total) {
    return 'What was here has gone, or its order has changed.';
  }
  return found.text
    ? `The search looks at: ${found.searchHint.toLocaleLowerCase(
        'en-US',
      )}. All words must be there.`
    : 'The filters leave nothing over.';
}
