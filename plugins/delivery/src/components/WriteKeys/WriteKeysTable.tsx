import { Cell, CellText, Select } from '@backstage/ui';
import {
  type DataColumn,
  DataTable,
  StatusBadge,
  formatAge,
  formatCountOf,
  shortRef,
  useTableQuery,
} from '@millrace/plugin-data-platform-react';
import type { WriteKey } from '@millrace/plugin-delivery-common';
import { useMemo } from 'react';
import { describeScope, keyState } from './describeKeys';
import { WRITE_KEY_PARAMS } from './params';

type Row = WriteKey & { id: string };

const { state: STATE } = WRITE_KEY_PARAMS;
const STATES = [
  { id: 'all', label: 'all keys' },
  { id: 'live', label: 'live keys' },
  { id: 'ended', label: 'ended keys' },
  { id: 'own', label: 'keys of replays and test events' },
];

/**
 * Keys that Millrace made for itself show among the others as long as they work:
 * what can send has to be seen. Afterwards they are only in the way.
 */
function isShown(key: WriteKey, state: string): boolean {
  const isLive = key.state === 'live';
  switch (state) {
    case 'own':
      return key.purpose !== undefined;
    case 'live':
      return isLive;
    case 'ended':
      return !isLive && key.purpose === undefined;
    default:
      return isLive || key.purpose === undefined;
  }
}

/** Live keys by their end, those without an end after them; ended ones last. */
function stateOrder({ state, expiresAt }: Row): string {
  return state === 'live' ? expiresAt ?? 'live' : `~${state}`;
}

function textsOf({ name, producer, keyId, owner, eventTypes }: Row) {
  return [name, producer, keyId, owner, ...(eventTypes ?? [])];
}

function columnsAt(
  now: Date,
  hrefOf: (keyId: string) => string,
): DataColumn<Row>[] {
  return [
    {
      id: 'name',
      label: 'Key',
      isRowHeader: true,
      sortBy: row => row.name,
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
      sortBy: stateOrder,
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
      sortBy: row => row.kind,
      width: 115,
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
      sortBy: ({ use }) => use.lastUsedAt ?? '',
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
      sortBy: row => row.createdAt,
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

/** The write keys one may see. */
export function WriteKeysTable(props: {
  keys: WriteKey[];
  now: Date;
  /** `live`, `ended`, `own`, or `all`. */
  state: string;
  hrefOf: (keyId: string) => string;
}) {
  const { keys, now, state, hrefOf } = props;
  const query = useTableQuery();
  const { change } = query;
  const items = useMemo(
    () =>
      keys
        .filter(key => isShown(key, state))
        .map((key): Row => ({ ...key, id: key.keyId })),
    [keys, state],
  );
  const columns = useMemo(() => columnsAt(now, hrefOf), [now, hrefOf]);
  return (
    <DataTable
      of={{ one: 'write key', many: 'write keys' }}
      rows={items}
      total={
        keys.filter(key => isShown(key, state === 'own' ? state : 'all')).length
      }
      columns={columns}
      defaultSort={{ column: 'created', direction: 'descending' }}
      query={query}
      searchHint="Name, producer, key id, owner or event type"
      textsOf={textsOf}
      filters={
        <Select
          label="Show"
          options={STATES}
          value={state}
          onChange={value =>
            change({}, { [STATE]: value === 'all' ? undefined : String(value) })
          }
        />
      }
      filterParams={[STATE]}
    />
  );
}
