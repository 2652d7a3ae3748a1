import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { RefusedEventFilter, refusedFilterSql } from './refusedFilter';
import {
  REFUSED_EVENT_COLUMNS,
  RefusedEventRecord,
  RefusedEventRow,
  toRefusedEventRecord,
} from './refusedEventRow';

/** @public */
export interface ListRefusedEventsOptions extends RefusedEventFilter {
  /** Continue after this row of the page before. */
  before?: { receivedAt: Date; refusalId: string };
  limit: number;
}

/** Exported so that a test can look at its plan. */
export function listRefusedEventsSql(options: ListRefusedEventsOptions) {
  const { before, limit, ...filter } = options;
  const { sql, bindings } = refusedFilterSql(filter);
  return {
    sql: `SELECT ${REFUSED_EVENT_COLUMNS} FROM refused_events r
     WHERE ${sql}
       ${
         before
           ? 'AND (r.received_at, r.refusal_id) < (:receivedAt, :refusalId::uuid)'
           : ''
       }
     ORDER BY r.received_at DESC, r.refusal_id DESC LIMIT :limit`,
    bindings: {
      ...bindings,
      limit,
      ...(before && {
        receivedAt: before.receivedAt,
        refusalId: before.refusalId,
      }),
    },
  };
}

/**
 * Refused events without their content, newest first, a page at a time.
 *
 * @public
 */
export async function listRefusedEvents(
  db: Knex,
  options: ListRefusedEventsOptions,
): Promise<RefusedEventRecord[]> {
  const { sql, bindings } = listRefusedEventsSql(options);
  const rows = await queryRows<RefusedEventRow>(db, sql, bindings);
  return rows.map(toRefusedEventRecord);
}
