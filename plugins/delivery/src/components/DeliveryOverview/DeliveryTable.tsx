import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import {
  Cell,
  CellText,
  type ColumnConfig,
  Flex,
  SearchField,
  type SortDescriptor,
  Table,
  useTable,
} from '@backstage/ui';
import {
  PartitionStrip,
  type Status,
  StatusBadge,
  formatAge,
  formatCount,
  formatCountOf,
  formatDuration,
  shortRef,
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

const PAGE_SIZE = 20;
const STATUSES: Status[] = ['bad', 'attention', 'waiting', 'good'];

function refused({ last24h }: Row): number {
  return last24h.refusedAtGateway + last24h.refusedAtSealing;
}

/** What a column is sorted by; larger is "more" of what it shows. */
function sortValue(row: Row, column: SortDescriptor['column']) {
  switch (column) {
    case 'health':
      return STATUSES.indexOf(row.health.status);
    case 'accepted':
      return row.last24h.accepted;
    case 'refused':
      return refused(row);
    case 'lateness':
      return row.lateness?.p99Ms ?? -1;
    case 'lastEvent':
      return row.lastReceivedAt ?? '';
    default:
      return row.eventType;
  }
}

function sortRows(rows: Row[], { column, direction }: SortDescriptor): Row[] {
  const sign = direction === 'descending' ? -1 : 1;
  return [...rows].sort((a, b) => {
    const left = sortValue(a, column);
    const right = sortValue(b, column);
    if (left === right) {
      return a.eventType.localeCompare(b.eventType);
    }
    return left < right ? -sign : sign;
  });
}

function searchRows(rows: Row[], search: string): Row[] {
  const wanted = search.trim().toLocaleLowerCase('en-US');
  return rows.filter(({ eventType, owner, tier, health }) =>
    [eventType, owner, tier, health.word].some(text =>
      text.toLocaleLowerCase('en-US').includes(wanted),
    ),
  );
}

/** A column of two lines: what it is sorted by, and what belongs to it. */
function pairColumn(
  id: string,
  label: string,
  width: number,
  lines: (row: Row) => { title: string; description?: string },
): ColumnConfig<Row> {
  return {
    id,
    label,
    isSortable: true,
    defaultWidth: '1fr',
    minWidth: width,
    cell: row => <CellText {...lines(row)} />,
  };
}

function columnsAt(now: Date): ColumnConfig<Row>[] {
  return [
    {
      id: 'eventType',
      label: 'Event type',
      isRowHeader: true,
      isSortable: true,
      defaultWidth: '2fr',
      minWidth: 190,
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
      isSortable: true,
      width: 135,
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
      defaultWidth: '3fr',
      minWidth: 270,
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
    pairColumn('accepted', 'Accepted, 24 h', 165, ({ last24h }) => ({
      title: formatCount(last24h.accepted),
      description: `${formatCount(last24h.delivered)} delivered`,
    })),
    pairColumn('refused', 'Refused', 145, row => ({
      title: formatCount(refused(row)),
      description: formatCountOf(row.last24h.duplicates, 'duplicate'),
    })),
    pairColumn('lateness', 'Lateness', 120, ({ lateness }) =>
      lateness
        ? {
            title: `p99 ${formatDuration(lateness.p99Ms)}`,
            description: `p50 ${formatDuration(lateness.p50Ms)}`,
          }
        : { title: 'none yet' },
    ),
    pairColumn('lastEvent', 'Last event', 125, row => ({
      title: row.lastReceivedAt ? formatAge(row.lastReceivedAt, now) : 'never',
      description: `${formatCount(row.inFlight)} in flight`,
    })),
  ];
}

/** How each event type is delivered; what needs a look comes first. */
export function DeliveryTable(props: {
  rows: DeliveryOverviewRow[];
  bucketSeconds: number;
  now: Date;
}) {
  const { rows, bucketSeconds, now } = props;
  const entityLink = useEntityRefLink();
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
  const columns = useMemo(() => columnsAt(now), [now]);
  const { tableProps, search } = useTable<Row>({
    mode: 'complete',
    data: items,
    initialSort: { column: 'health', direction: 'ascending' },
    sortFn: sortRows,
    searchFn: searchRows,
    paginationOptions: { pageSize: PAGE_SIZE },
  });

  return (
    <Flex direction="column" gap="4">
      <SearchField
        label="Search event types"
        placeholder="Name, owner, tier or state"
        {...search}
      />
      <Table
        {...tableProps}
        columnConfig={columns}
        emptyState="No event type fits the search."
      />
    </Flex>
  );
}
