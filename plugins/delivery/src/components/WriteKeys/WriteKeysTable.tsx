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
  StatusBadge,
  formatAge,
  formatCountOf,
  shortRef,
} from '@millrace/plugin-data-platform-react';
import type { WriteKey } from '@millrace/plugin-delivery-common';
import { useMemo } from 'react';
import { describeScope, keyState } from './describeKeys';
import styles from './WriteKeys.module.css';

type Row = WriteKey & { id: string };

const PAGE_SIZE = 20;
const STATES = [
  { id: 'all', label: 'all keys' },
  { id: 'live', label: 'live keys' },
  { id: 'ended', label: 'ended keys' },
];

function sortValue(row: Row, column: SortDescriptor['column']) {
  switch (column) {
    case 'state':
      return row.state === 'live' ? row.expiresAt ?? 'live' : `~${row.state}`;
    case 'created':
      return row.createdAt;
    case 'used':
      return row.use.lastUsedAt ?? '';
    case 'kind':
      return row.kind;
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
      return a.keyId.localeCompare(b.keyId);
    }
    return left < right ? -sign : sign;
  });
}

function searchRows(rows: Row[], search: string): Row[] {
  const wanted = search.trim().toLocaleLowerCase('en-US');
  return rows.filter(({ name, producer, keyId, owner, eventTypes }) =>
    [name, producer, keyId, owner, ...(eventTypes ?? [])].some(text =>
      text?.toLocaleLowerCase('en-US').includes(wanted),
    ),
  );
}

function columnsAt(
  now: Date,
  hrefOf: (keyId: string) => string,
): ColumnConfig<Row>[] {
  return [
    {
      id: 'name',
      label: 'Key',
      isRowHeader: true,
      isSortable: true,
      defaultWidth: '2fr',
      minWidth: 190,
      cell: row => (
        <CellText
          title={row.name}
          description={row.producer ?? row.keyId}
          href={hrefOf(row.keyId)}
        />
      ),
    },
    {
      id: 'state',
      label: 'State',
      isSortable: true,
      defaultWidth: '1fr',
      minWidth: 170,
      cell: row => {
        const { status, word } = keyState(row, now);
        return (
          <Cell>
            <StatusBadge status={status}>{word}</StatusBadge>
          </Cell>
        );
      },
    },
    {
      id: 'kind',
      label: 'Used',
      isSortable: true,
      width: 130,
      cell: ({ kind }) => (
        <CellText title={kind === 'browser' ? 'in browsers' : 'on servers'} />
      ),
    },
    {
      id: 'scope',
      label: 'May send',
      defaultWidth: '2fr',
      minWidth: 170,
      cell: row => <CellText title={describeScope(row)} />,
    },
    {
      id: 'used',
      label: 'Last used',
      isSortable: true,
      defaultWidth: '1fr',
      minWidth: 130,
      cell: ({ use }) => (
        <CellText
          title={use.lastUsedAt ? formatAge(use.lastUsedAt, now) : 'never'}
          description={formatCountOf(use.events, 'event')}
        />
      ),
    },
    {
      id: 'created',
      label: 'Created',
      isSortable: true,
      defaultWidth: '1fr',
      minWidth: 130,
      cell: ({ createdAt, createdBy }) => (
        <CellText
          title={formatAge(createdAt, now)}
          description={shortRef(createdBy).replace(/^user:/, '')}
        />
      ),
    },
  ];
}

/** The write keys one may see, searched in the browser. */
export function WriteKeysTable(props: {
  keys: WriteKey[];
  now: Date;
  /** `live`, `ended`, or `all`. */
  state: string;
  onStateChange: (state: string) => void;
  hrefOf: (keyId: string) => string;
}) {
  const { keys, now, state, onStateChange, hrefOf } = props;
  const items = useMemo(
    () =>
      keys
        .filter(
          key =>
            (state !== 'live' || key.state === 'live') &&
            (state !== 'ended' || key.state !== 'live'),
        )
        .map((key): Row => ({ ...key, id: key.keyId })),
    [keys, state],
  );
  const columns = useMemo(() => columnsAt(now, hrefOf), [now, hrefOf]);
  const { tableProps, search } = useTable<Row>({
    mode: 'complete',
    data: items,
    initialSort: { column: 'created', direction: 'descending' },
    sortFn: sortRows,
    searchFn: searchRows,
    paginationOptions: { pageSize: PAGE_SIZE },
  });
  return (
    <Flex direction="column" gap="4">
      <div className={styles.filters}>
        <SearchField
          label="Search write keys"
          placeholder="Name, producer, key id, owner or event type"
          {...search}
        />
        <Select
          label="Show"
          options={STATES}
          value={state}
          onChange={value => onStateChange(String(value))}
        />
      </div>
      <Table
        {...tableProps}
        columnConfig={columns}
        emptyState="No write key fits the search."
      />
    </Flex>
  );
}
