import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { ReplayEventRecordState } from './replayTypes';

/** @public */
export interface ReplayEventRecord {
  position: number;
  refusalId: string;
  state: ReplayEventRecordState;
  eventType?: string;
  eventId?: string;
  isIdMinted: boolean;
  sentAt?: Date;
  receipt?: string;
  refusalReason?: string;
  refusalPointer?: string;
  refusalMessage?: string;
  /** The refusal that was made of it, once it is recorded. */
  newRefusalId?: string;
  notReplayable?: string;
  /** How often it lies in sealed partitions, by what the ledger knows now. */
  copies: number;
  partition?: {
    bucketStart: Date;
    bucketEnd: Date;
    revision: number;
    sealedAt: Date;
  };
}

/** @public */
export interface ListReplayEventsOptions {
  replayId: string;
  /** Only events of these states. */
  states?: ReplayEventRecordState[];
  /** Of the accepted ones, only those that have landed, or have not. */
  landed?: boolean;
  /** Continue after this position. */
  after?: number;
  limit: number;
}

/**
 * The events of a replay in the order they are sent, a page at a time.
 *
 * The new refusal of an event is found by the write key of the replay, which
 * nobody else has; a retry of the very same refusal has no row of its own.
 *
 * @public
 */
export async function listReplayEvents(
  db: Knex,
  options: ListReplayEventsOptions,
): Promise<ReplayEventRecord[]> {
  const { replayId, states, landed, after = 0, limit } = options;
  const rows = await queryRows<Record<string, unknown>>(
    db,
    `SELECT e.position, e.refusal_id AS "refusalId", e.state,
       e.event_type AS "eventType", e.event_id AS "eventId",
       e.id_minted AS "isIdMinted", e.sent_at AS "sentAt", e.receipt,
       e.refusal_reason AS "refusalReason",
       e.refusal_pointer AS "refusalPointer",
       e.refusal_message AS "refusalMessage",
       e.not_replayable AS "notReplayable",
       CASE WHEN e.state = 'refused' THEN coalesce(
         (SELECT n.refusal_id FROM refused_events n
          WHERE n.event_id = e.event_id AND n.reason = e.refusal_reason
            AND (n.write_key_id IN (SELECT key_id FROM replay_write_keys k
                   WHERE k.replay_id = e.replay_id)
              OR n.stage = 'sealing')
          ORDER BY n.received_at DESC LIMIT 1),
         (SELECT o.refusal_id FROM refused_events o
          WHERE o.refusal_id = e.refusal_id AND o.reason = e.refusal_reason
            AND o.pointer IS NOT DISTINCT FROM e.refusal_pointer
            AND o.last_received_at >= e.sent_at)
       ) END AS "newRefusalId",
       greatest(e.copies, (SELECT count(*)::integer FROM (
           SELECT event_type, event_key FROM replay_landings
           UNION ALL SELECT event_type, event_key FROM event_ids) AS i
         WHERE e.state = 'accepted' AND i.event_type = e.event_type
           AND i.event_key = e.event_key)) AS copies,
       p.bucket_start AS "bucketStart", p.bucket_end AS "bucketEnd",
       p.revision, p.sealed_at AS "sealedAt"
     FROM replay_events e
       LEFT JOIN partitions p ON p.partition_id = e.partition_id
     WHERE e.replay_id = :replayId AND e.position > :after
       AND (:states::text[] IS NULL OR e.state = ANY (:states))
       AND (:landed::boolean IS NULL OR (e.partition_id IS NOT NULL) = :landed)
     ORDER BY e.position LIMIT :limit`,
    {
      replayId,
      after,
      limit,
      states: states ?? null,
      landed: landed ?? null,
    },
  );
  return rows.map(toReplayEventRecord);
}

function toReplayEventRecord(row: Record<string, unknown>): ReplayEventRecord {
  const { bucketStart, bucketEnd, revision, sealedAt, ...rest } =
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [key, value ?? undefined]),
    );
  return {
    ...rest,
    ...(bucketStart !== undefined && {
      partition: { bucketStart, bucketEnd, revision, sealedAt },
    }),
  } as ReplayEventRecord;
}
