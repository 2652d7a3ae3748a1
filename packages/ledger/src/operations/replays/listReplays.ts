import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { ReplayRecord, ReplayRecordCounts } from './replayTypes';

/** @public */
export interface ListReplaysOptions {
  eventType: string;
  /** Only this one. */
  replayId?: string;
  limit: number;
}

/**
 * The replays of an event type with their books, newest first.
 *
 * @public
 */
export async function listReplays(
  db: Knex,
  options: ListReplaysOptions,
): Promise<ReplayRecord[]> {
  const rows = await queryRows<
    Omit<ReplayRecord, 'finishedAt' | 'message' | 'counts'> & {
      finishedAt: Date | null;
      message: string | null;
    } & Record<keyof ReplayRecordCounts, number>
  >(
    db,
    `SELECT p.replay_id AS "replayId", p.event_type AS "eventType", p.state,
       p.reason, p.selection, p.fix, p.requested_by AS "requestedBy",
       p.requested_at AS "requestedAt", p.finished_at AS "finishedAt",
       p.message, c.*
     FROM (
       SELECT * FROM replays
       WHERE event_type = :eventType
         AND (:replayId::uuid IS NULL OR replay_id = :replayId)
       ORDER BY requested_at DESC, replay_id LIMIT :limit
     ) p, LATERAL (
       SELECT count(*)::integer AS selected,
         count(*) FILTER (
           WHERE state IN ('waiting', 'sending'))::integer AS waiting,
         count(*) FILTER (WHERE sent_at IS NOT NULL)::integer AS sent,
         count(*) FILTER (WHERE state = 'accepted')::integer AS accepted,
         count(*) FILTER (WHERE state = 'refused')::integer AS refused,
         count(*) FILTER (
           WHERE state = 'not-replayable')::integer AS "notReplayable",
         count(*) FILTER (WHERE state = 'not-sent')::integer AS "notSent",
         count(*) FILTER (
           WHERE state = 'accepted' AND partition_id IS NOT NULL)::integer
           AS landed,
         count(*) FILTER (
           WHERE state = 'accepted' AND copies > 1)::integer AS duplicates
       FROM replay_events e WHERE e.replay_id = p.replay_id
     ) c
     ORDER BY p.requested_at DESC, p.replay_id`,
    {
      eventType: options.eventType,
      replayId: options.replayId ?? null,
      limit: options.limit,
    },
  );
  return rows.map(row => ({
    replayId: row.replayId,
    eventType: row.eventType,
    state: row.state,
    reason: row.reason,
    selection: row.selection,
    fix: row.fix,
    requestedBy: row.requestedBy,
    requestedAt: row.requestedAt,
    finishedAt: row.finishedAt ?? undefined,
    message: row.message ?? undefined,
    counts: {
      selected: row.selected,
      waiting: row.waiting,
      sent: row.sent,
      accepted: row.accepted,
      refused: row.refused,
      notReplayable: row.notReplayable,
      notSent: row.notSent,
      landed: row.landed,
      duplicates: row.duplicates,
    },
  }));
}
