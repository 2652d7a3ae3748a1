import type {
  FieldCriteria,
  FieldSort,
  FoundField,
  Tier,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { whereCriteria } from '../../database/operations/eventTypes/whereCriteria';
import type { EventTypeFieldsRow } from '../../database/tables';
import { type PagePosition, type RowKey, toPage } from '../cursor';
import type { Scope } from '../types';
import { fieldConditions } from './criteriaSql';
import { FIELD_ORDERS, applyPosition, keyColumn } from './orders';

interface FoundRow extends EventTypeFieldsRow {
  row_key: RowKey;
  owner: string;
  tier: Tier;
}

/** The query of a page of fields. */
export function fieldsPageQuery(
  db: Knex,
  options: {
    criteria: FieldCriteria;
    page: PagePosition<FieldSort>;
    scope: Scope;
  },
): Knex.QueryBuilder<{}, FoundRow[]> {
  const { criteria, page, scope } = options;
  const columns = FIELD_ORDERS[page.sort];
  const query = db('event_type_fields')
    .join('event_types', 'event_types.name', 'event_type_fields.event_type')
    .whereNull('event_types.archived_at')
    .select(
      'event_type_fields.*',
      'event_types.owner',
      'event_types.tier',
      keyColumn(db, columns),
    );
  if (scope.filter) {
    whereCriteria(query, scope.filter);
  }
  const conditions = fieldConditions(db, criteria, scope.ownershipRefs);
  for (const condition of Object.values(conditions)) {
    query.andWhere(condition);
  }
  return applyPosition(db, query, page, columns);
}

/** A page of fields. */
export async function findFields(
  db: Knex,
  options: Parameters<typeof fieldsPageQuery>[1],
): Promise<{
  items: FoundField[];
  nextCursor?: string;
  previousCursor?: string;
}> {
  const found: FoundRow[] = await fieldsPageQuery(db, options);
  const { rows, ...cursors } = toPage(
    options.page,
    found,
    ({ row_key: key }) => key,
  );
  return { items: rows.map(toFoundField), ...cursors };
}

function toFoundField(row: FoundRow): FoundField {
  return {
    eventType: row.event_type,
    owner: row.owner,
    tier: row.tier,
    path: row.path,
    type: row.type,
    required: row.required,
    doc: row.doc ?? undefined,
    semanticType: row.semantic_type ?? undefined,
    sinceVersion: row.since_version,
  };
}
