import { Button, Flex, Link, Skeleton, Text } from '@backstage/ui';
import {
  EmptyState,
  ProblemPanel,
  bucketWord,
  formatBucket,
  formatDuration,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type { LedgerRow } from '@millrace/plugin-delivery-common';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { refusedHref } from '../RefusedEvents/refusedLink';
import { LedgerTable } from './LedgerTable';
import { openPartitionHref } from './partitionLink';
import { StagesLegend } from './StagesBar';
import { type LedgerState, useLedger } from './useLedger';
import { type Zoom, queryOf, zoomHref, zoomOf } from './zoom';
import styles from './LedgerTable.module.css';

const REFRESH_INTERVAL_MS = 5000;

const SEND_AN_EVENT =
  'Send an event; its partition is sealed soon after the bucket it was received in ends.';

/** Of which days, and how is each hour or bucket delivered? */
export function Partitions(props: {
  name: string;
  bucketSeconds: number;
  days: LedgerState;
  now: Date;
}) {
  const { name, bucketSeconds, days, now } = props;
  const [search] = useSearchParams();
  const zoom = zoomOf(search);
  const isOver = zoom !== undefined && Date.parse(zoom.to) <= now.getTime();
  const query = useMemo(
    () => queryOf(zoom, { bucketSeconds, now }),
    // What is asked for changes with the zoom, not with every tick of the clock.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [zoom?.unit, zoom?.from, isOver, bucketSeconds],
  );
  const rows = useLedger(name, query, { intervalMs: REFRESH_INTERVAL_MS });
  const refusedHrefOf = (row: LedgerRow) => refusedHref(search, row);

  // Nothing was ever received, or nobody knows yet: the rows below say so.
  const hasDays = !days.page || days.page.items.length > 0;

  return (
    <>
      {hasDays && (
        <section aria-label="Days">
          <Flex direction="column" gap="3">
            <Text as="h3" variant="title-x-small" weight="bold">
              By day
            </Text>
            <LedgerRows
              state={days}
              caption={`Ledger of ${name} by day`}
              now={now}
              olderLabel="Load older days"
              whenEmpty={SEND_AN_EVENT}
              hrefOf={row =>
                zoomHref(search, { unit: 'day', start: row.start })
              }
              refusedHrefOf={refusedHrefOf}
            />
          </Flex>
        </section>
      )}
      <section aria-label="Partitions">
        <Flex direction="column" gap="3">
          <Text as="h3" variant="title-x-small" weight="bold">
            {titleOf(zoom)}
          </Text>
          {zoom && <ZoomOut zoom={zoom} search={search} />}
          <Flex align="center" justify="between">
            {rows.page && (
              <Text as="p" color="secondary">
                {`On time is up to ${formatDuration(
                  rows.page.objectiveMs,
                )} after the end of ${article(bucketWord(bucketSeconds))}.`}
              </Text>
            )}
            <StagesLegend />
          </Flex>
          <LedgerRows
            state={rows}
            caption={`Partitions of ${name}`}
            now={now}
            olderLabel="Load older partitions"
            whenEmpty={
              zoom
                ? 'No gateway ran for this event type in this time, or it did not exist.'
                : SEND_AN_EVENT
            }
            hrefOf={row =>
              rows.page?.unit === 'hour'
                ? zoomHref(search, { unit: 'hour', start: row.start })
                : openPartitionHref(search, row.start)
            }
            refusedHrefOf={refusedHrefOf}
          />
        </Flex>
      </section>
    </>
  );
}

function titleOf(zoom: Zoom | undefined): string {
  if (!zoom) {
    return 'Partitions';
  }
  return zoom.unit === 'day'
    ? `Partitions of ${zoom.from.slice(0, 10)}`
    : `Partitions of ${formatBucket(zoom.from, zoom.to)}`;
}

function article(word: string): string {
  return `${word === 'hour' ? 'an' : 'a'} ${word}`;
}

function ZoomOut(props: { zoom: Zoom; search: URLSearchParams }) {
  const { zoom, search } = props;
  return (
    <nav aria-label="What is shown" className={styles.crumbs}>
      <Link href={zoomHref(search)}>Newest</Link>
      {zoom.unit === 'hour' && (
        <Link href={zoomHref(search, { unit: 'day', start: zoom.from })}>
          {`All of ${zoom.from.slice(0, 10)}`}
        </Link>
      )}
    </nav>
  );
}

function LedgerRows(props: {
  state: LedgerState;
  caption: string;
  now: Date;
  olderLabel: string;
  whenEmpty: string;
  hrefOf: (row: LedgerRow) => string | undefined;
  refusedHrefOf: (row: LedgerRow) => string;
}) {
  const { state, caption, now, olderLabel, whenEmpty } = props;
  const { hrefOf, refusedHrefOf } = props;
  const { page, error, isLoading, reload, loadOlder, isLoadingOlder } = state;
  return (
    <>
      {error && (
        <ProblemPanel
          what={
            page
              ? 'The ledger could not be refreshed; this is what was known.'
              : 'The ledger could not be loaded.'
          }
          error={error}
          onRetry={reload}
        />
      )}
      {isLoading && <Skeleton width="100%" height={160} />}
      {page && page.items.length > 0 && (
        <LedgerTable
          caption={caption}
          page={page}
          now={now}
          hrefOf={hrefOf}
          refusedHrefOf={refusedHrefOf}
        />
      )}
      {page?.items.length === 0 && (
        <EmptyState title="Nothing was received" description={whenEmpty} />
      )}
      {page?.booksBeganAt && !loadOlder && (
        <Text as="p" color="secondary">
          {`Lines are kept since ${formatUtcDateTime(
            page.booksBeganAt,
          )}; what was sealed before has no line.`}
        </Text>
      )}
      {loadOlder && (
        <Flex>
          <Button
            variant="secondary"
            isPending={isLoadingOlder}
            onPress={loadOlder}
          >
            {olderLabel}
          </Button>
        </Flex>
      )}
    </>
  );
}
