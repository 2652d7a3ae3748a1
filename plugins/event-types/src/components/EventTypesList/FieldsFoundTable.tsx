import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Badge, Cell, CellText, type ColumnConfig } from '@backstage/ui';
import {
  EntityLink,
  Num,
  shortRef,
} from '@millrace/plugin-data-platform-react';
import {
  type FieldPage,
  type FoundField,
  eventTypeEntityRef,
} from '@millrace/plugin-event-types-common';
import { useMemo } from 'react';
import { FacetSelect } from './FacetSelect';
import { FoundTable } from './FoundTable';
import { SEMANTIC_TYPE_GROUPS } from './semanticTypeFacet';
import { DEFAULT_FIELD_SORT, type FieldsQuery } from './useFieldsQuery';

type Row = FoundField & { id: string };

function columnsFor(
  rows: Row[],
  entityLink: (ref: string) => string,
): ColumnConfig<Row>[] {
  return [
    {
      id: 'path',
      label: 'Field',
      isRowHeader: true,
      isSortable: true,
      defaultWidth: '2fr',
      minWidth: 200,
      cell: row => <CellText title={row.path} description={row.doc} />,
    },
    {
      id: 'semanticType',
      label: 'Meaning',
      isHidden: rows.every(row => row.semanticType === undefined),
      defaultWidth: '1fr',
      minWidth: 130,
      cell: row => (
        <Cell>{row.semanticType && <Badge>{row.semanticType}</Badge>}</Cell>
      ),
    },
    {
      id: 'type',
      label: 'Type',
      defaultWidth: '1fr',
      minWidth: 130,
      cell: row => (
        <CellText
          title={row.type}
          description={row.required ? 'required' : 'optional'}
        />
      ),
    },
    {
      id: 'event-type',
      label: 'Event type',
      isSortable: true,
      defaultWidth: '2fr',
      minWidth: 200,
      cell: row => (
        <CellText
          title={row.eventType}
          href={`${entityLink(eventTypeEntityRef(row.eventType))}/schema`}
        />
      ),
    },
    {
      id: 'owner',
      label: 'Owner',
      defaultWidth: '1fr',
      minWidth: 140,
      cell: row => (
        <Cell>
          <EntityLink entityRef={row.owner} href={entityLink(row.owner)} />
        </Cell>
      ),
    },
    {
      id: 'since',
      label: 'Since version',
      width: 120,
      cell: row => (
        <Cell>
          <Num value={row.sinceVersion} />
        </Cell>
      ),
    },
  ];
}

/** A page of the fields one may see: searched, narrowed, sorted. */
export function FieldsFoundTable(props: {
  page: FieldPage;
  query: FieldsQuery;
  isStale: boolean;
}) {
  const { page, query, isStale } = props;
  const entityLink = useEntityRefLink();
  const rows = useMemo(
    () =>
      page.items.map(
        (item, at): Row => ({
          ...item,
          // A path may stand in a union twice; the place tells them apart.
          id: `${item.eventType} ${item.path} ${at}`,
        }),
      ),
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
      of={{ one: 'field', many: 'fields' }}
      searchHint="Field, event type or description"
      query={query.state}
      sort={query.sort ?? DEFAULT_FIELD_SORT}
      columns={columns}
      rows={rows}
      isStale={isStale}
      filters={
        <>
          <FacetSelect
            label="Meaning"
            any="any meaning"
            search={{ placeholder: 'Search meanings' }}
            groups={SEMANTIC_TYPE_GROUPS}
            counts={page.facets.semanticType}
            value={query.state.semanticType}
            onChange={semanticType => change({ semanticType })}
          />
          <FacetSelect
            label="Owner"
            any="any owner"
            search={{ placeholder: 'Search owners' }}
            counts={page.facets.owner}
            labelOf={shortRef}
            value={query.state.owner}
            onChange={owner => change({ owner })}
          />
        </>
      }
    />
  );
}
