import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** A message that was set aside, without its content. @public */
export interface PoisonBatchRecord {
  poisonId: string;
  subscription: string;
  messageId: string;
  reason: string;
  message: string;
  /** How often it was tried. */
  attempts: number;
  /** How often the broker delivered it. */
  seenCount: number;
  bytes: number;
  publishedAt: Date;
  recordedAt: Date;
  retryRequestedAt?: Date;
  retryRequestedBy?: string;
  /** When another attempt succeeded. */
  resolvedAt?: Date;
  /** Which batch it is, where its header could be read. */
  batch?: {
    gateway: string;
    epoch: string;
    bucketStart: Date;
    batch: number;
  };
}

/** @public */
export interface PoisonBatchList {
  /** Newest first. */
  items: PoisonBatchRecord[];
  /** Of all that are not resolved, however many `items` has. */
  open: { reason: string; count: number }[];
}

/** @public */
export interface ListPoisonBatchesOptions {
  /** Of the subscription it came on. */
  eventType: string;
  limit: number;
}

interface Row
  extends Omit<
    PoisonBatchRecord,
    'batch' | 'retryRequestedAt' | 'retryRequestedBy' | 'resolvedAt'
  > {
  retryRequestedAt: Date | null;
  retryRequestedBy: string | null;
  resolvedAt: Date | null;
  gateway: string | null;
  epoch: string | null;
  bucketStart: Date | null;
  batch: number | null;
}

/**
 * What was set aside of an event type: the newest, and how many there are by
 * reason. Content is not given.
 *
 * @public
 */
export async function listPoisonBatches(
  db: Knex,
  options: ListPoisonBatchesOptions,
): Promise<PoisonBatchList> {
  const { eventType, limit } = options;
  const rows = await queryRows<Row>(
    db,
    `SELECT poison_id AS "poisonId", subscription, message_id AS "messageId",
       reason, message, attempts, seen_count AS "seenCount",
       octet_length(data) AS bytes, published_at AS "publishedAt",
       recorded_at AS "recordedAt", retry_requested_at AS "retryRequestedAt",
       retry_requested_by AS "retryRequestedBy", resolved_at AS "resolvedAt",
       gateway, epoch, bucket_start AS "bucketStart", batch
     FROM poison_batches WHERE subscription_type = :eventType
     ORDER BY recorded_at DESC, poison_id LIMIT :limit`,
    { eventType, limit },
  );
  const open = await queryRows<{ reason: string; count: number }>(
    db,
    `SELECT reason, count(*)::integer AS count FROM poison_batches
     WHERE subscription_type = :eventType AND resolved_at IS NULL
     GROUP BY reason ORDER BY count(*) DESC, reason`,
    { eventType },
  );
  return { items: rows.map(toRecord), open };
}

function toRecord(row: Row): PoisonBatchRecord {
  const { gateway, epoch, bucketStart, batch, ...rest } = row;
  return {
    ...rest,
    retryRequestedAt: rest.retryRequestedAt ?? undefined,
    retryRequestedBy: rest.retryRequestedBy ?? undefined,
    resolvedAt: rest.resolvedAt ?? undefined,
    batch:
      gateway !== null &&
      epoch !== null &&
      bucketStart !== null &&
      batch !== null
        ? { gateway, epoch, bucketStart, batch }
        : undefined,
  };
}
