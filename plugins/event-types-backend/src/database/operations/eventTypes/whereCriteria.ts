import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  isAndCriteria,
  isNotCriteria,
  isOrCriteria,
} from '@backstage/plugin-permission-node';
import type { EventTypePermissionFilter } from '@millrace/plugin-event-types-node';
import type { Knex } from 'knex';

/** Restricts a query on `event_types` to what a permission decision allows. */
export function whereCriteria(
  query: Knex.QueryBuilder,
  criteria: PermissionCriteria<EventTypePermissionFilter>,
): Knex.QueryBuilder {
  if (isAndCriteria(criteria)) {
    return query.andWhere(inner => {
      for (const item of criteria.allOf) {
        inner.andWhere(clause => whereCriteria(clause, item));
      }
    });
  }
  if (isOrCriteria(criteria)) {
    return query.andWhere(inner => {
      for (const item of criteria.anyOf) {
        inner.orWhere(clause => whereCriteria(clause, item));
      }
    });
  }
  if (isNotCriteria(criteria)) {
    return query.whereNot(inner => whereCriteria(inner, criteria.not));
  }
  return query.whereIn('event_types.owner', criteria.owners);
}
