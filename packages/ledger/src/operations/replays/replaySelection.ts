import { RefusedEventFilter, refusedFilterSql } from '../refused/refusedFilter';

/** What a replay or a preview of one takes. @public */
export interface ReplaySelectionOptions {
  eventType: string;
  /** These only. */
  refusalIds?: string[];
  /** All that the filter finds, when no ids are given. */
  filter?: Omit<RefusedEventFilter, 'eventType' | 'replayState'>;
}

/**
 * The selection as SQL over `refused_events r`. Events that were brought back,
 * that a replay is working on, or in whose place a newer refusal stands are never
 * selected.
 */
export function replaySelectionSql(options: ReplaySelectionOptions): {
  sql: string;
  bindings: Record<string, unknown>;
} {
  const { eventType, refusalIds, filter = {} } = options;
  const { sql, bindings } = refusedFilterSql({
    ...(refusalIds ? {} : filter),
    eventType,
  });
  const isFree = `r.replay_state = 'none'`;
  return refusalIds
    ? {
        sql: `${sql} AND ${isFree} AND r.refusal_id = ANY (:refusalIds::uuid[])`,
        bindings: { ...bindings, refusalIds },
      }
    : { sql: `${sql} AND ${isFree}`, bindings };
}
