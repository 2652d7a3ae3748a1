import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** How far a test event has come. @public */
export interface TestEventRecord {
  testEventId: string;
  eventType: string;
  source: string;
  /**
   * `unanswered` as well when whoever sent it went away without an answer and
   * its write key has ended.
   */
  state: 'sending' | 'accepted' | 'refused' | 'unanswered';
  requestedBy: string;
  requestedAt: Date;
  sentAt?: Date;
  answeredAt?: Date;
  receipt?: string;
  /** While it is being sent, what it waits for; else why it has no answer. */
  message?: string;
  /** Where it waits to be sealed; see {@link listTestEvents} for how exact. */
  staged?: { at: Date; bucketStart: Date; bucketEnd: Date };
  /** The live partition that holds it. */
  landed?: {
    bucketStart: Date;
    bucketEnd: Date;
    revision: number;
    sealedAt: Date;
  };
  refusal?: {
    stage: 'gateway' | 'sealing';
    /** Among the refused events; missing until it is recorded there. */
    refusalId?: string;
    reason: string;
    pointer?: string;
    message: string;
  };
}

/** @public */
export interface ListTestEventsOptions {
  eventType: string;
  /** Only this one. */
  testEventId?: string;
  limit: number;
}

interface Row {
  testEventId: string;
  eventType: string;
  source: string;
  state: TestEventRecord['state'];
  requestedBy: string;
  requestedAt: Date;
  sentAt: Date | null;
  answeredAt: Date | null;
  receipt: string | null;
  message: string | null;
  stagedAt: Date | null;
  stagedBucketStart: Date | null;
  stagedBucketEnd: Date | null;
  landedBucketStart: Date | null;
  landedBucketEnd: Date | null;
  landedRevision: number | null;
  landedSealedAt: Date | null;
  refusalId: string | null;
  stage: 'gateway' | 'sealing' | null;
  reason: string | null;
  pointer: string | null;
  refusalMessage: string | null;
}

/** Exported so that a test can look at its plan. */
export const TEST_EVENTS_SQL = `
  WITH sent AS (
    SELECT * FROM test_events
    WHERE event_type = :eventType
      AND (:testEventId::uuid IS NULL OR test_event_id = :testEventId::uuid)
    ORDER BY requested_at DESC, test_event_id LIMIT :limit
  )
  SELECT t.test_event_id AS "testEventId", t.event_type AS "eventType",
    t.source,
    CASE WHEN t.state = 'sending' AND k.expires_at <= now()
      THEN 'unanswered' ELSE t.state END AS state,
    t.requested_by AS "requestedBy", t.requested_at AS "requestedAt",
    t.sent_at AS "sentAt", t.answered_at AS "answeredAt", t.receipt,
    t.message,
    staged.at AS "stagedAt", staged.bucket_start AS "stagedBucketStart",
    staged.bucket_end AS "stagedBucketEnd",
    landed.bucket_start AS "landedBucketStart",
    landed.bucket_end AS "landedBucketEnd",
    landed.revision AS "landedRevision", landed.sealed_at AS "landedSealedAt",
    refusal.refusal_id AS "refusalId",
    coalesce(refusal.stage, CASE t.state WHEN 'refused' THEN 'gateway' END)
      AS stage,
    coalesce(refusal.reason, t.refusal_reason) AS reason,
    CASE WHEN refusal.refusal_id IS NULL THEN t.refusal_pointer
      ELSE refusal.pointer END AS pointer,
    coalesce(refusal.message, t.message) AS "refusalMessage"
  FROM sent t
  JOIN write_keys k USING (key_id)
  LEFT JOIN LATERAL (
    SELECT s.recorded_at AS at, s.landing_start AS bucket_start,
      s.landing_start + s.landing_seconds * interval '1 second' AS bucket_end
    FROM staged_batches s
    WHERE t.state <> 'refused' AND s.event_type = t.event_type
      AND s.gateway = t.gateway AND s.epoch = t.epoch
      AND s.bucket_start > t.sent_at - interval '61 minutes'
      AND s.bucket_start <= coalesce(t.answered_at, now())
        + interval '1 minute'
      AND s.recorded_at >= t.sent_at
      AND s.published_at >= t.sent_at - interval '10 seconds'
    ORDER BY s.recorded_at LIMIT 1
  ) staged ON true
  LEFT JOIN LATERAL (
    SELECT p.bucket_start, p.bucket_end, p.revision, p.sealed_at
    FROM replay_landings l JOIN LATERAL (
      SELECT * FROM partitions p
      WHERE p.event_type = l.event_type AND p.bucket_start = l.bucket_start
        AND p.state = 'sealed'
      ORDER BY p.superseded_at IS NULL DESC, p.revision DESC LIMIT 1
    ) p ON true
    WHERE l.event_type = t.event_type AND l.event_key = t.event_key
    ORDER BY p.bucket_start LIMIT 1
  ) landed ON true
  LEFT JOIN LATERAL (
    SELECT r.refusal_id, r.stage, r.reason, r.pointer, r.message
    FROM refused_events r
    WHERE r.event_id = t.test_event_id::text
      AND r.event_type = t.event_type AND r.source = t.source
    ORDER BY r.recorded_at LIMIT 1
  ) refusal ON true
  ORDER BY t.requested_at DESC, t.test_event_id`;

/**
 * The newest test events of a type and how far each has come, or one of them.
 *
 * That it landed, or was refused, is said of this very event: sealing notes its
 * key together with the partition. That it is staged is said as soon as a batch
 * of its type is staged that its gateway published after it was sent. Of a type
 * with much traffic that may be another batch, so this step may be reached some
 * moments early; nothing is decided by it.
 *
 * @public
 */
export async function listTestEvents(
  db: Knex,
  options: ListTestEventsOptions,
): Promise<TestEventRecord[]> {
  const { eventType, testEventId, limit } = options;
  const rows = await queryRows<Row>(db, TEST_EVENTS_SQL, {
    eventType,
    testEventId: testEventId ?? null,
    limit,
  });
  return rows.map(toRecord);
}

function toRecord(row: Row): TestEventRecord {
  const { stage, reason } = row;
  return {
    testEventId: row.testEventId,
    eventType: row.eventType,
    source: row.source,
    state: row.state,
    requestedBy: row.requestedBy,
    requestedAt: row.requestedAt,
    sentAt: row.sentAt ?? undefined,
    answeredAt: row.answeredAt ?? undefined,
    receipt: row.receipt ?? undefined,
    message: row.message ?? undefined,
    staged:
      row.stagedAt && row.stagedBucketStart && row.stagedBucketEnd
        ? {
            at: row.stagedAt,
            bucketStart: row.stagedBucketStart,
            bucketEnd: row.stagedBucketEnd,
          }
        : undefined,
    landed:
      row.landedBucketStart && row.landedBucketEnd && row.landedSealedAt
        ? {
            bucketStart: row.landedBucketStart,
            bucketEnd: row.landedBucketEnd,
            revision: row.landedRevision ?? 1,
            sealedAt: row.landedSealedAt,
          }
        : undefined,
    refusal:
      stage && reason !== null
        ? {
            stage,
            refusalId: row.refusalId ?? undefined,
            reason,
            pointer: row.pointer ?? undefined,
            message: row.refusalMessage ?? '',
          }
        : undefined,
  };
}
