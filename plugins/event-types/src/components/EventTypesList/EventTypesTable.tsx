import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import {
  Cell,
  CellText,
  type ColumnConfig,
  Flex,
  SearchField,
  Select,
  type SortDescriptor,
  Table,
  useTable,
} from '@backstage/ui';
import {
  EntityLink,
  Num,
  StatusBadge,
  TierBadge,
} from '@millrace/plugin-data-platform-react';
import {
  type EventTypeListItem,
  TIERS,
  eventTypeEntityRef,
} from '@millrace/plugin-event-types-common';
import { useMemo } from 'react';
import styles from './EventTypesTable.module.css';

type Row = EventTypeListItem & { id: string };
interface Filter {
  tier: string;
  owner: string;
}

const ALL = 'all';
const PAGE_SIZE = 20;

function sortValue(row: Row, column: SortDescriptor['column']) {
  switch (column) {
    case 'tier':
      return TIERS.indexOf(row.tier);
    case 'version':
      return row.version;
    case 'fields':
      return row.fields.length;
    case 'owner':
      return row.owner;
    default:
      return row.name;
  }
}

function sortRows(rows: Row[], { column, direction }: SortDescriptor): Row[] {
  const sign = direction === 'descending' ? -1 : 1;
  return [...rows].sort((a, b) => {
    const left = sortValue(a, column);
    const right = sortValue(b, column);
    if (left === right) {
      return a.name.localeCompare(b.name);
    }
    return left < right ? -sign : sign;
  });
}

function searchRows(rows: Row[], search: string): Row[] {
  const wanted = search.trim().toLocaleLowerCase('en-US');
  return rows.filter(({ name, description = '' }) =>
    `${name} ${description}`.toLocaleLowerCase('en-US').includes(wanted),
  );
}

function filterRows(rows: Row[], filter: Filter): Row[] {
  return rows.filter(
    ({ tier, owner }) =>
      (filter.tier === ALL || filter.tier === tier) &&
      (filter.owner === ALL || filter.owner === owner),
  );
}

/** All event types, searched and filtered in the browser. */
export function EventTypesTable(props: { eventTypes: EventTypeListItem[] }) {
  const { eventTypes } = props;
  const entityLink = useEntityRefLink();
  const rows = useMemo(
    () => eventTypes.map(eventType => ({ ...eventType, id: eventType.name })),
    [eventTypes],
  );
  const owners = useMemo(
    () => [...new Set(eventTypes.map(({ owner }) => owner))].sort(),
    [eventTypes],
  );
  const { tableProps, search, filter } = useTable<Row, Filter>({
    mode: 'complete',
    data: rows,
    initialSort: { column: 'name', direction: 'ascending' },
    initialFilter: { tier: ALL, owner: ALL },
    sortFn: sortRows,
    searchFn: searchRows,
    filterFn: filterRows,
    paginationOptions: { pageSize: PAGE_SIZE },
  });
  const chosen = filter.value ?? { tier: ALL, owner: ALL };

  const columns = useMemo<ColumnConfig<Row>[]>(
    () => [
      {
        id: 'name',
        label: 'Name',
        isRowHeader: true,
        defaultWidth: '3fr',
        minWidth: 240,
        isSortable: true,
        cell: row => (
          <CellText
            title={row.name}
            description={row.description}
            href={entityLink(eventTypeEntityRef(row.name))}
          />
        ),
      },
      {
        id: 'owner',
        minWidth: 140,
        label: 'Owner',
        isSortable: true,
        cell: row => (
          <Cell>
            <EntityLink entityRef={row.owner} href={entityLink(row.owner)} />
          </Cell>
        ),
      },
      {
        id: 'tier',
        minWidth: 90,
        label: 'Tier',
        isSortable: true,
        cell: row => (
          <Cell>
            <TierBadge tier={row.tier} />
          </Cell>
        ),
      },
      {
        id: 'version',
        minWidth: 90,
        label: 'Version',
        isSortable: true,
        cell: row => (
          <Cell>
            <Num value={row.version} />
          </Cell>
        ),
      },
      {
        id: 'fields',
        minWidth: 80,
        label: 'Fields',
        isSortable: true,
        cell: row => (
          <Cell>
            <Num value={row.fields.length} />
          </Cell>
        ),
      },
      {
        id: 'declared',
        minWidth: 160,
        label: 'Declared',
        cell: row => (
          <Cell>
            {row.declarationProblems?.length ? (
              <StatusBadge status="attention">newest refused</StatusBadge>
            ) : (
              <>{row.origin === 'catalog' ? 'as YAML' : 'in the portal'}</>
            )}
          </Cell>
        ),
      },
    ],
    [entityLink],
  );

  return (
    <Flex direction="column" gap="4">
      <div className={styles.filters}>
        <SearchField
          label="Search"
          placeholder="Name or description"
          {...search}
        />
        <Select
          label="Tier"
          options={[
            { id: ALL, label: 'All tiers' },
            ...TIERS.map(tier => ({ id: tier, label: tier })),
          ]}
          value={chosen.tier}
          onChange={tier => filter.onChange({ ...chosen, tier: String(tier) })}
        />
        <Select
          label="Owner"
          options={[
            { id: ALL, label: 'All owners' },
            ...owners.map(owner => ({ id: owner, label: owner })),
          ]}
          value={chosen.owner}
          onChange={owner =>
            filter.onChange({ ...chosen, owner: String(owner) })
          }
        />
      </div>
      <Table
        {...tableProps}
        columnConfig={columns}
        emptyState="No event type fits the search and the filters."
      />
    </Flex>
  );
}
