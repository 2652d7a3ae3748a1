import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { RefusedEventFilter, refusedFilterSql } from './refusedFilter';

/** @public */
export interface RefusedEventCount {
  reason: string;
  /** The field: the pointer with `*` in place of list indexes. */
  pointer?: string;
  /** Distinct refused events, not how often each was sent. */
  count: number;
}

/** @public */
export interface CountRefusedEventsOptions extends RefusedEventFilter {
  /** At most so many rows, the most frequent ones. Default 200. */
  limit?: number;
}

/**
 * Counts refused events by reason and field, most frequent first, and in all,
 * also those beyond the limit.
 *
 * @public
 */
export async function countRefusedEvents(
  db: Knex,
  options: CountRefusedEventsOptions,
): Promise<{ total: number; items: RefusedEventCount[] }> {
  const { limit = 200, ...filter } = options;
  const { sql, bindings } = refusedFilterSql(filter);
  const rows = await queryRows<{
    reason: string;
    field: string | null;
    count: string;
    total: string;
  }>(
    db,
    `SELECT reason, field, count(*) AS count, sum(count(*)) OVER () AS total
     FROM refused_events r
     WHERE ${sql}
     GROUP BY reason, field
     ORDER BY count(*) DESC, reason, field NULLS FIRST
     LIMIT :limit`,
    { ...bindings, limit },
  );
  return {
    total: Number(rows[0]?.total ?? 0),
    items: rows.map(({ reason, field, count }) => ({
      reason,
      pointer: field ?? undefined,
      count: Number(count),
    })),
  };
}
