/**
 * How far a sealed revision has come on its way into a sink.
 *
 * - `pending`: not begun.
 * - `loading`: a job was begun, or is about to be; whoever looks next asks for it.
 * - `loaded`: in the sink, with as many rows as were delivered.
 * - `failed`: tried again at `nextLookAt`.
 * - `superseded`: a later revision was sealed before this one was begun.
 *
 * @public
 */
export type SinkLoadState =
  | 'pending'
  | 'loading'
  | 'loaded'
  | 'failed'
  | 'superseded';

/** One revision on its way into one sink. @public */
export interface SinkLoadRecord {
  sink: string;
  partitionId: string;
  eventType: string;
  bucketStart: Date;
  revision: number;
  state: SinkLoadState;
  /** Jobs begun so far. */
  attempt: number;
  /** Failures in a row. */
  failures: number;
  nextLookAt: Date;
  /** Of the last failure; a code of the sink's list. */
  reason?: string;
  message?: string;
  /** In the sink, as counted there. */
  rows?: number;
  loadedAt?: Date;
}

/** SELECT list of a load; the table must have the alias `l`. */
export const SINK_LOAD_COLUMNS = `
  l.sink, l.partition_id AS "partitionId", l.event_type AS "eventType",
  l.bucket_start AS "bucketStart", l.revision, l.state, l.attempt, l.failures,
  l.next_look_at AS "nextLookAt", l.reason, l.message, l.rows,
  l.loaded_at AS "loadedAt"`;

/** A row of {@link SINK_LOAD_COLUMNS}. */
export type SinkLoadRow = Omit<
  SinkLoadRecord,
  'reason' | 'message' | 'rows' | 'loadedAt'
> & {
  reason: string | null;
  message: string | null;
  rows: string | null;
  loadedAt: Date | null;
};

export function toSinkLoad(row: SinkLoadRow): SinkLoadRecord {
  const { reason, message, rows, loadedAt, ...rest } = row;
  return {
    ...rest,
    reason: reason ?? undefined,
    message: message ?? undefined,
    rows: rows === null ? undefined : Number(rows),
    loadedAt: loadedAt ?? undefined,
  };
}
