import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Cell, CellText, Flex } from '@backstage/ui';
import {
  type DataColumn,
  DataTable,
  Num,
  PartitionStrip,
  STATUSES,
  Sparkline,
  StatusBadge,
  bucketWord,
  formatAge,
  formatCount,
  formatCountOf,
  formatDuration,
  shortRef,
  useTableQuery,
} from '@millrace/plugin-data-platform-react';
import type { DeliveryOverviewRow } from '@millrace/plugin-delivery-common';
import { useMemo } from 'react';
import { type EventTypeHealth, eventTypeHealth } from '../../health';
import { partitionHref } from '../Partitions';

interface Row extends DeliveryOverviewRow {
  id: string;
  health: EventTypeHealth;
  href: string;
}

function refused({ last24h }: Row): number {
  return last24h.refusedAtGateway + last24h.refusedAtSealing;
}

function textsOf({ eventType, owner, tier, health }: Row): string[] {
  return [eventType, owner, tier, health.word];
}

/** A column of two lines: what it is sorted by, and what belongs to it. */
function pairColumn(
  id: string,
  label: string,
  width: number,
  sortBy: (row: Row) => string | number,
  lines: (row: Row) => { title: string; description?: string },
): DataColumn<Row> {
  return {
    id,
    label,
    sortBy,
    defaultWidth: '1fr',
    minWidth: width,
    cell: row => <CellText {...lines(row)} />,
  };
}

function columnsAt(now: Date, word: string): DataColumn<Row>[] {
  return [
    {
      id: 'eventType',
      label: 'Event type',
      isRowHeader: true,
      sortBy: row => row.eventType,
      defaultWidth: '2fr',
      minWidth: 180,
      cell: row => (
        <CellText
          title={row.eventType}
          description={`${row.tier}, ${shortRef(row.owner)}`}
          href={`${row.href}/delivery`}
        />
      ),
    },
    {
      id: 'health',
      label: 'Delivery',
      sortBy: ({ health }) => STATUSES.indexOf(health.status),
      width: 125,
      cell: ({ health }) => (
        <Cell>
          <span title={health.sentence}>
            <StatusBadge status={health.status}>{health.word}</StatusBadge>
          </span>
        </Cell>
      ),
    },
    {
      id: 'recent',
      label: 'Recent partitions',
      defaultWidth: '2fr',
      minWidth: 175,
      cell: row => (
        <Cell>
          <PartitionStrip
            label={`Recent partitions of ${row.eventType}`}
            partitions={row.recent}
            objectiveMs={row.objectiveMs}
            getHref={({ bucketStart }) => partitionHref(row.href, bucketStart)}
          />
        </Cell>
      ),
    },
    {
      id: 'accepted',
      label: 'Accepted, 24 h',
      sortBy: ({ last24h }) => last24h.accepted,
      defaultWidth: '1fr',
      minWidth: 165,
      cell: ({ last24h, recent }) => (
        <Cell>
          <Flex direction="column" gap="1">
            <Num value={last24h.accepted} />
            <Sparkline
              label={`Events delivered per ${word}`}
              values={deliveredOldestFirst(recent)}
            />
          </Flex>
        </Cell>
      ),
    },
    pairColumn('refused', 'Refused', 110, refused, row => ({
      title: formatCount(refused(row)),
      description: formatCountOf(row.last24h.duplicates, 'duplicate'),
    })),
    pairColumn(
      'lateness',
      'Lateness',
      125,
      ({ lateness }) => lateness?.p99Ms ?? -1,
      ({ lateness }) =>
        lateness
          ? {
              title: `p99 ${formatDuration(lateness.p99Ms)}`,
              description: `p50 ${formatDuration(lateness.p50Ms)}`,
            }
          : { title: 'none yet' },
    ),
    pairColumn(
      'lastEvent',
      'Last event',
      130,
      row => row.lastReceivedAt ?? '',
      row => ({
        title: row.lastReceivedAt
          ? formatAge(row.lastReceivedAt, now)
          : 'never',
        description: `${formatCount(row.inFlight)} in flight`,
      }),
    ),
  ];
}

/** The sealed ones of the recent partitions, as a row of numbers. */
function deliveredOldestFirst(recent: Row['recent']): number[] {
  return recent
    .filter(({ state }) => state === 'sealed')
    .map(({ delivered }) => delivered)
    .reverse();
}

/** How each event type is delivered; what needs a look comes first. */
export function DeliveryTable(props: {
  rows: DeliveryOverviewRow[];
  bucketSeconds: number;
  now: Date;
}) {
  const { rows, bucketSeconds, now } = props;
  const entityLink = useEntityRefLink();
  const query = useTableQuery();
  const items = useMemo(
    () =>
      rows.map(
        (row): Row => ({
          ...row,
          id: row.eventType,
          health: eventTypeHealth(row, { bucketSeconds, now }),
          href: entityLink(`eventtype:default/${row.eventType}`),
        }),
      ),
    [rows, bucketSeconds, now, entityLink],
  );
  const columns = useMemo(
    () => columnsAt(now, bucketWord(bucketSeconds)),
    [now, bucketSeconds],
  );
  return (
    <DataTable
      of={{ one: 'event type', many: 'event types' }}
      rows={items}
      columns={columns}
      defaultSort={{ column: 'health', direction: 'ascending' }}
      query={query}
      searchHint="Name, owner, tier or state"
      textsOf={textsOf}
    />
  );
}
