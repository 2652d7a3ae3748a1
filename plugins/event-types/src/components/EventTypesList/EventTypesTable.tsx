import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Cell, CellText, Select, Switch } from '@backstage/ui';
import {
  type DataColumn,
  DataTable,
  EntityLink,
  Num,
  StatusBadge,
  TierBadge,
  shortRef,
  useTableQuery,
} from '@millrace/plugin-data-platform-react';
import {
  type EventTypeListItem,
  TIERS,
  eventTypeEntityRef,
} from '@millrace/plugin-event-types-common';
import { useMemo } from 'react';
import {
  DECLARATION_STATES,
  FILTER_PARAMS,
  declarationState,
  filterEventTypes,
  useEventTypesFilter,
} from './useEventTypesFilter';
import { useOwnershipRefs } from './useOwnershipRefs';
import styles from './EventTypesTable.module.css';

type Row = EventTypeListItem & { id: string };

const ANY = 'any';

function textsOf({ name, description, owner }: Row) {
  return [name, description, shortRef(owner)];
}

function columnsFor(entityLink: (ref: string) => string): DataColumn<Row>[] {
  return [
    {
      id: 'name',
      label: 'Name',
      isRowHeader: true,
      sortBy: row => row.name,
      defaultWidth: '3fr',
      minWidth: 240,
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
      label: 'Owner',
      sortBy: row => row.owner,
      defaultWidth: '1fr',
      minWidth: 140,
      cell: row => (
        <Cell>
          <EntityLink entityRef={row.owner} href={entityLink(row.owner)} />
        </Cell>
      ),
    },
    {
      id: 'tier',
      label: 'Tier',
      sortBy: row => TIERS.indexOf(row.tier),
      width: 100,
      cell: row => (
        <Cell>
          <TierBadge tier={row.tier} />
        </Cell>
      ),
    },
    {
      id: 'version',
      label: 'Version',
      sortBy: row => row.version,
      width: 120,
      cell: row => (
        <Cell>
          <Num value={row.version} />
        </Cell>
      ),
    },
    {
      id: 'fields',
      label: 'Fields',
      sortBy: row => row.fields.length,
      width: 110,
      cell: row => (
        <Cell>
          <Num value={row.fields.length} />
        </Cell>
      ),
    },
    {
      id: 'declared',
      label: 'Declared',
      sortBy: row => `${declarationState(row)} ${row.origin}`,
      defaultWidth: '1fr',
      minWidth: 140,
      cell: row => (
        <Cell>
          {declarationState(row) === 'refused' ? (
            <StatusBadge status="attention">newest refused</StatusBadge>
          ) : (
            <>{row.origin === 'catalog' ? 'as YAML' : 'in the portal'}</>
          )}
        </Cell>
      ),
    },
  ];
}

/** The owners to choose from; one that the address names is among them. */
function ownerOptions(eventTypes: EventTypeListItem[], chosen?: string) {
  const refs = new Set(eventTypes.map(({ owner }) => owner));
  if (chosen) {
    refs.add(chosen);
  }
  return [
    { id: ANY, label: 'any owner' },
    ...[...refs].sort().map(id => ({ id, label: shortRef(id) })),
  ];
}

/** All event types one may see: searched, narrowed, and a page at a time. */
export function EventTypesTable(props: { eventTypes: EventTypeListItem[] }) {
  const { eventTypes } = props;
  const entityLink = useEntityRefLink();
  const query = useTableQuery();
  const filter = useEventTypesFilter();
  const ownershipRefs = useOwnershipRefs();
  const rows = useMemo(
    () =>
      filterEventTypes(eventTypes, filter, ownershipRefs).map(
        (eventType): Row => ({ ...eventType, id: eventType.name }),
      ),
    [eventTypes, filter, ownershipRefs],
  );
  const owners = useMemo(
    () => ownerOptions(eventTypes, filter.owner),
    [eventTypes, filter.owner],
  );
  const columns = useMemo(() => columnsFor(entityLink), [entityLink]);
  const set = (param: string, value: unknown) =>
    query.change({}, { [param]: value === ANY ? undefined : String(value) });

  return (
    <DataTable
      of={{ one: 'event type', many: 'event types' }}
      rows={rows}
      total={eventTypes.length}
      columns={columns}
      defaultSort={{ column: 'name', direction: 'ascending' }}
      query={query}
      searchHint="Name, description or owner"
      textsOf={textsOf}
      filterParams={Object.values(FILTER_PARAMS)}
      filters={
        <>
          <Select
            label="Owner"
            search={{ placeholder: 'Search owners' }}
            options={owners}
            value={filter.owner ?? ANY}
            onChange={value => set(FILTER_PARAMS.owner, value)}
          />
          <Select
            label="Tier"
            options={[
              { id: ANY, label: 'any tier' },
              ...TIERS.map(id => ({ id, label: id })),
            ]}
            value={filter.tier ?? ANY}
            onChange={value => set(FILTER_PARAMS.tier, value)}
          />
          <Select
            label="Declaration"
            options={[{ id: ANY, label: 'any state' }, ...DECLARATION_STATES]}
            value={filter.status ?? ANY}
            onChange={value => set(FILTER_PARAMS.status, value)}
          />
          <div className={styles.mine}>
            <Switch
              label="Only mine"
              isSelected={filter.isMine}
              onChange={isMine => set(FILTER_PARAMS.mine, isMine || ANY)}
            />
          </div>
        </>
      }
    />
  );
}
