import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Badge, Cell, CellText, type ColumnConfig } from '@backstage/ui';
import {
  EntityLink,
  Num,
  StatusBadge,
  TierBadge,
  shortRef,
} from '@millrace/plugin-data-platform-react';
import {
  type EventTypePage,
  type FoundEventType,
  TIERS,
  eventTypeEntityRef,
} from '@millrace/plugin-event-types-common';
import { useMemo } from 'react';
import { FacetSelect } from './FacetSelect';
import { FoundTable } from './FoundTable';
import { SEMANTIC_TYPE_GROUPS } from './semanticTypeFacet';
import { STATES } from '../../states';
import { type EventTypesQuery, DEFAULT_SORT } from './useEventTypesQuery';
import styles from './EventTypesTable.module.css';

type Row = FoundEventType & { id: string };

function DeclarationCell({ row }: { row: Row }) {
  const state = STATES.find(({ id }) => id === row.state);
  return state?.status ? (
    <StatusBadge status={state.status}>{state.label}</StatusBadge>
  ) : (
    <>{row.origin === 'catalog' ? 'as YAML' : 'in the portal'}</>
  );
}

/** A column without values is left out, not filled with dashes. */
function columnsFor(
  rows: Row[],
  entityLink: (ref: string) => string,
): ColumnConfig<Row>[] {
  return [
    {
      id: 'name',
      label: 'Name',
      isRowHeader: true,
      isSortable: true,
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
      id: 'declared',
      label: 'Declared',
      defaultWidth: '1fr',
      minWidth: 140,
      cell: row => (
        <Cell>
          <DeclarationCell row={row} />
        </Cell>
      ),
    },
    {
      id: 'owner',
      label: 'Owner',
      isSortable: true,
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
      isSortable: true,
      width: 100,
      cell: row => (
        <Cell>
          <TierBadge tier={row.tier} />
        </Cell>
      ),
    },
    {
      id: 'semanticTypes',
      label: 'Meaning of fields',
      isHidden: rows.every(row => !meaningsOf(row).length),
      defaultWidth: '1fr',
      minWidth: 160,
      cell: row => (
        <Cell>
          <div className={styles.meanings}>
            {meaningsOf(row).map(meaning => (
              <Badge key={meaning}>{meaning}</Badge>
            ))}
          </div>
        </Cell>
      ),
    },
    {
      id: 'fields',
      label: 'Fields',
      width: 90,
      cell: row => (
        <Cell>
          <Num value={row.fieldCount} />
        </Cell>
      ),
    },
    {
      id: 'version',
      label: 'Version',
      isSortable: true,
      width: 110,
      cell: row => (
        <Cell>
          <Num value={row.version} />
        </Cell>
      ),
    },
  ];
}

/** `none` is a decision and no meaning. */
function meaningsOf({ semanticTypes }: Row): string[] {
  return semanticTypes.filter(id => id !== 'none');
}

/** A page of the event types one may see: searched, narrowed, sorted. */
export function EventTypesTable(props: {
  page: EventTypePage;
  query: EventTypesQuery;
  isStale: boolean;
}) {
  const { page, query, isStale } = props;
  const { facets } = page;
  const entityLink = useEntityRefLink();
  const rows = useMemo(
    () => page.items.map((item): Row => ({ ...item, id: item.name })),
    [page],
  );
  const columns = useMemo(
    () => columnsFor(rows, entityLink),
    [rows, entityLink],
  );
  const { change } = query.state;

  return (
    <FoundTable
      {...page}
      of={{ one: 'event type', many: 'event types' }}
      searchHint="Name, description, owner or tag"
      query={query.state}
      sort={query.sort ?? DEFAULT_SORT}
      columns={columns}
      rows={rows}
      isStale={isStale}
      filters={
        <>
          <FacetSelect
            label="Owner"
            any="any owner"
            search={{ placeholder: 'Search owners' }}
            counts={facets.owner}
            labelOf={shortRef}
            value={query.state.owner}
            onChange={owner => change({ owner })}
          />
          <FacetSelect
            label="Tier"
            any="any tier"
            counts={facets.tier}
            options={TIERS.map(id => ({ id, label: id }))}
            value={query.criteria.tiers?.[0]}
            onChange={tier => change({ tier })}
          />
          <FacetSelect
            label="Declaration"
            any="any state"
            counts={facets.state}
            options={STATES}
            value={query.criteria.states?.[0]}
            onChange={state => change({ state })}
          />
          <FacetSelect
            label="Fields that hold"
            any="anything"
            search={{ placeholder: 'Search meanings' }}
            groups={SEMANTIC_TYPE_GROUPS}
            counts={facets.semanticType}
            value={query.state.semanticType}
            onChange={semanticType => change({ semanticType })}
          />
        </>
      }
    />
  );
}
