import {
  type EventTypeCriteria,
  type EventTypePage,
  TIERS,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { whereCriteria } from '../../database/operations/eventTypes/whereCriteria';
import type { Scope } from '../types';
import { STATE_SQL, eventTypeConditions } from './criteriaSql';
import {
  type CountRow,
  facetOf,
  fitsAll,
  fitsColumns,
  numberOf,
} from './counts';

/** What the counts of a list of event types say. */
export type EventTypeCounts = Pick<
  EventTypePage,
  'total' | 'readable' | 'owners' | 'tiers' | 'facets'
>;

/**
 * How many event types fit, and how many would if one criterion were another, in
 * one statement: each readable row is judged once by each criterion, and each
 * facet counts those that fit all criteria but its own.
 */
export async function countEventTypes(
  db: Knex,
  options: { criteria: EventTypeCriteria; scope: Scope },
): Promise<EventTypeCounts> {
  const { criteria, scope } = options;
  const conditions = eventTypeConditions(db, criteria, scope.ownershipRefs);
  const readable = db('event_types')
    .whereNull('event_types.archived_at')
    .select(
      'event_types.name',
      'event_types.owner',
      'event_types.tier',
      db.raw(`${STATE_SQL} as state`),
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
     select 'owners', '', count(distinct owner)::int from readable where ${all}
     union all
     select 'tiers', tier, count(*)::int from readable where ${all} group by tier
     union all
     select 'owner', owner, count(*)::int
       from readable where ${fitsAll(conditions, 'owner')} group by owner
     union all
     select 'tier', tier, count(*)::int
       from readable where ${fitsAll(conditions, 'tier')} group by tier
     union all
     select 'state', state, count(*)::int
       from readable where ${fitsAll(conditions, 'state')} group by state
     union all
     select 'semanticType', semantic_type, count(distinct event_type)::int
       from readable
       join event_type_fields on event_type_fields.event_type = readable.name
       where semantic_type is not null
         and ${fitsAll(conditions, 'semanticType')}
       group by semantic_type`,
    [readable],
  );
  const tiers = facetOf(rows, 'tiers');
  return {
    total: numberOf(rows, 'total'),
    readable: numberOf(rows, 'readable'),
    owners: numberOf(rows, 'owners'),
    tiers: {
      critical: 0,
      normal: 0,
      low: 0,
      ...Object.fromEntries(
        TIERS.map(tier => [
          tier,
          tiers.find(({ value }) => value === tier)?.count ?? 0,
        ]),
      ),
    },
    facets: {
      owner: facetOf(rows, 'owner'),
      tier: facetOf(rows, 'tier'),
      state: facetOf(rows, 'state'),
      semanticType: facetOf(rows, 'semanticType'),
    },
  };
}
