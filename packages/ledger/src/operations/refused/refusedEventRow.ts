import { RefusedReplayState } from './refusedFilter';

/** A refused event without its content. @public */
export interface RefusedEventRecord {
  refusalId: string;
  stage: 'gateway' | 'sealing';
  eventType?: string;
  eventId?: string;
  source?: string;
  reason: string;
  pointer?: string;
  /** The pointer with `*` in place of list indexes. */
  field?: string;
  message: string;
  receivedAt: Date;
  lastReceivedAt: Date;
  seenCount: number;
  writeKeyId?: string;
  /** Only the beginning of the event was kept. */
  truncated: boolean;
  replayState: RefusedReplayState;
  /** The newest replay that had it. */
  replayId?: string;
}

type Optional =
  | 'eventType'
  | 'eventId'
  | 'source'
  | 'pointer'
  | 'field'
  | 'writeKeyId'
  | 'replayId';

/** A row of {@link REFUSED_EVENT_COLUMNS}. */
export type RefusedEventRow = Omit<RefusedEventRecord, Optional> & {
  [key in Optional]: string | null;
};

/** The SELECT list of `refused_events r`. Content is read on its own. */
export const REFUSED_EVENT_COLUMNS = `r.refusal_id AS "refusalId", r.stage,
  r.event_type AS "eventType", r.event_id AS "eventId", r.source, r.reason,
  r.pointer, r.field, r.message, r.received_at AS "receivedAt",
  r.last_received_at AS "lastReceivedAt", r.seen_count AS "seenCount",
  r.write_key_id AS "writeKeyId", r.truncated,
  r.replay_state AS "replayState", r.replay_id AS "replayId"`;

export function toRefusedEventRecord(row: RefusedEventRow): RefusedEventRecord {
  return {
    ...row,
    eventType: row.eventType ?? undefined,
    eventId: row.eventId ?? undefined,
    source: row.source ?? undefined,
    pointer: row.pointer ?? undefined,
    field: row.field ?? undefined,
    writeKeyId: row.writeKeyId ?? undefined,
    replayId: row.replayId ?? undefined,
  };
}
