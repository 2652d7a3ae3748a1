import type {
  FieldCriteria,
  FieldPage,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { whereCriteria } from '../../database/operations/eventTypes/whereCriteria';
import type { Scope } from '../types';
import {
  type CountRow,
  facetOf,
  fitsAll,
  fitsColumns,
  numberOf,
} from './counts';
import { fieldConditions } from './criteriaSql';

/** What the counts of a list of fields say. */
export type FieldCounts = Pick<
  FieldPage,
  'total' | 'eventTypes' | 'readable' | 'facets'
>;

/** How many fields fit, and in how many event types; see `countEventTypes`. */
export async function countFields(
  db: Knex,
  options: { criteria: FieldCriteria; scope: Scope },
): Promise<FieldCounts> {
  const { criteria, scope } = options;
  const conditions = fieldConditions(db, criteria, scope.ownershipRefs);
  const readable = db('event_type_fields')
    .join('event_types', 'event_types.name', 'event_type_fields.event_type')
    .whereNull('event_types.archived_at')
    .select(
      'event_type_fields.event_type',
      'event_type_fields.semantic_type',
      'event_types.owner',
      ...fitsColumns(db, conditions),
    );
  if (scope.filter) {
    whereCriteria(readable, scope.filter);
  }
  const all = fitsAll(conditions);
  const { rows }: { rows: CountRow[] } = await db.raw(
    `with readable as materialized (?)
     select 'readable' as facet, '' as value, count(*)::int as count
       from readable
     union all
     select 'total', '', count(*)::int from readable where ${all}
     union all
     select 'eventTypes', '', count(distinct event_type)::int
       from readable where ${all}
     union all
     select 'owner', owner, count(*)::int
       from readable where ${fitsAll(conditions, 'owner')} group by owner
     union all
     select 'semanticType', semantic_type, count(*)::int
       from readable
       where semantic_type is not null
         and ${fitsAll(conditions, 'semanticType')}
       group by semantic_type`,
    [readable],
  );
  return {
    total: numberOf(rows, 'total'),
    eventTypes: numberOf(rows, 'eventTypes'),
    readable: numberOf(rows, 'readable'),
    facets: {
      owner: facetOf(rows, 'owner'),
      semanticType: facetOf(rows, 'semanticType'),
    },
  };
}
