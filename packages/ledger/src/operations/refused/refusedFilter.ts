/** Where a refused event is on its way back. @public */
export type RefusedReplayState =
  | 'none'
  | 'replaying'
  | 'replayed'
  | 'refused-again';

/** Which refused events; everything given must hold. @public */
export interface RefusedEventFilter {
  eventType?: string;
  /** Only events of no provisioned type: those that have no owner to see them. */
  unknownOnly?: boolean;
  reason?: string;
  /** The pointer of a refusal, or the field of a group. */
  pointer?: string;
  eventId?: string;
  writeKeyId?: string;
  /** Received first at or after. */
  since?: Date;
  /** Received first before. */
  until?: Date;
  replayState?: RefusedReplayState;
}

const MAX_FIELD_LENGTH = 255;

/**
 * What refusals of one mistake share: the pointer with `*` in place of list
 * indexes, cut to what the ledger's index takes. The ledger computes the same
 * in the column `field`.
 *
 * @public
 */
export function refusedFieldOf(pointer: string): string {
  return [...pointer.replace(/\/[0-9]+(?=\/|$)/g, '/*')]
    .slice(0, MAX_FIELD_LENGTH)
    .join('');
}

/** A filter as SQL over `refused_events r`, with its bindings. */
export function refusedFilterSql(filter: RefusedEventFilter): {
  sql: string;
  bindings: Record<string, unknown>;
} {
  const { pointer } = filter;
  const conditions: [sql: string, name: string, value: unknown][] = [
    ['r.event_type = :eventType', 'eventType', filter.eventType],
    ['r.reason = :reason', 'reason', filter.reason],
    [
      'r.field = :field',
      'field',
      pointer === undefined ? undefined : refusedFieldOf(pointer),
    ],
    ['r.event_id = :eventId', 'eventId', filter.eventId],
    ['r.write_key_id = :writeKeyId', 'writeKeyId', filter.writeKeyId],
    ['r.received_at >= :since', 'since', filter.since],
    ['r.received_at < :until', 'until', filter.until],
    ['r.replay_state = :replayState', 'replayState', filter.replayState],
  ];
  const given = conditions.filter(([, , value]) => value !== undefined);
  const sql = given.map(([condition]) => condition);
  if (filter.unknownOnly) {
    sql.push(`NOT EXISTS (SELECT FROM event_types t
      WHERE t.event_type = r.event_type AND t.removed_at IS NULL)`);
  }
  return {
    sql: sql.length > 0 ? sql.join(' AND ') : 'true',
    bindings: Object.fromEntries(given.map(([, name, value]) => [name, value])),
  };
}
