import type {
  DeclarationState,
  EventTypeCriteria,
  EventTypeSort,
  FieldSummary,
  FoundEventType,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { toListItem } from '../../database/operations/eventTypes/listEventTypes';
import { whereCriteria } from '../../database/operations/eventTypes/whereCriteria';
import type { EventTypesRow } from '../../database/tables';
import { type PagePosition, type RowKey, toPage } from '../cursor';
import type { Scope } from '../types';
import { STATE_SQL, eventTypeConditions } from './criteriaSql';
import { EVENT_TYPE_ORDERS, applyPosition, keyColumn } from './orders';

interface FoundRow extends EventTypesRow {
  row_key: RowKey;
  state: DeclarationState;
  field_count: number;
  semantic_types: string[];
  fields?: FieldSummary[];
}

/** What is read of each event type of the page, and of no other. */
const COUNTED_SQL = `
  (select count(*)::int from event_type_fields
   where event_type_fields.event_type = event_types.name) as field_count,
  array(
    select distinct semantic_type from event_type_fields
    where event_type_fields.event_type = event_types.name
      and semantic_type is not null
    order by semantic_type
  ) as semantic_types`;

/**
 * The query of a page of event types: the page is cut first, by the index of its
 * order where there is one, and only its rows are looked into.
 */
export function eventTypesPageQuery(
  db: Knex,
  options: {
    criteria: EventTypeCriteria;
    page: PagePosition<EventTypeSort>;
    withFields?: boolean;
    scope: Scope;
  },
): Knex.QueryBuilder<{}, FoundRow[]> {
  const { criteria, page, scope, withFields } = options;
  const columns = EVENT_TYPE_ORDERS[page.sort];
  const cut = db('event_types')
    .whereNull('event_types.archived_at')
    .select('event_types.*', keyColumn(db, columns));
  if (scope.filter) {
    whereCriteria(cut, scope.filter);
  }
  const conditions = eventTypeConditions(db, criteria, scope.ownershipRefs);
  for (const condition of Object.values(conditions)) {
    cut.andWhere(condition);
  }
  applyPosition(db, cut, page, columns);

  // The order of the cut is given again: that of a subquery is nobody's promise.
  const isDownwards = page.isDescending !== page.isBackwards;
  const query = db(cut.as('event_types'))
    .select(
      'event_types.*',
      db.raw(`${STATE_SQL} as state`),
      db.raw(COUNTED_SQL),
    )
    .orderByRaw(
      columns
        .map(({ sql }) => `${sql}${isDownwards ? ' desc' : ''}`)
        .join(', '),
    );
  if (withFields) {
    query.select(
      db.raw(
        `(select fields from event_type_versions
          where event_type_versions.event_type = event_types.name
            and event_type_versions.version = event_types.version) as fields`,
      ),
    );
  }
  return query;
}

/** A page of event types. */
export async function findEventTypes(
  db: Knex,
  options: Parameters<typeof eventTypesPageQuery>[1],
): Promise<{
  items: FoundEventType[];
  nextCursor?: string;
  previousCursor?: string;
}> {
  const found: FoundRow[] = await eventTypesPageQuery(db, options);
  const { rows, ...cursors } = toPage(
    options.page,
    found,
    ({ row_key: key }) => key,
  );
  return { items: rows.map(toFoundEventType), ...cursors };
}

function toFoundEventType(row: FoundRow): FoundEventType {
  const { fields, ...item } = toListItem({ ...row, fields: row.fields ?? [] });
  return {
    ...item,
    state: row.state,
    fieldCount: row.field_count,
    semanticTypes: row.semantic_types,
    ...(row.fields && { fields }),
  };
}
