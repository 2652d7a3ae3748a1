import { Knex } from 'knex';
import { storableText } from '../../database/values';
import { BatchHeader } from '../../types';

/** @public */
export interface PoisonBatch {
  subscription: string;
  messageId: string;
  /** Reason code of the consumer. */
  reason: string;
  /** A sentence for the person who looks at it. */
  message: string;
  attributes: Record<string, string>;
  data: Buffer;
  publishedAt: Date;
  /** Where it could be read: then the batch no longer counts as missing. */
  header?: BatchHeader;
}

/**
 * Keeps a broker message that cannot be read as a batch, whole and with the
 * reason, so that it may be acknowledged and blocks nothing behind it. A
 * redelivered one is counted, not kept twice.
 *
 * @public
 */
export async function recordPoisonBatch(
  db: Knex,
  poison: PoisonBatch,
): Promise<void> {
  const attributes = Object.fromEntries(
    Object.entries(poison.attributes).map(pair =>
      pair.map(text => Buffer.from(storableText(text)).toString()),
    ),
  );
  await db.raw(
    `INSERT INTO poison_batches AS p (subscription, message_id, reason, message,
       attributes, data, published_at, gateway, epoch, event_type, bucket_start,
       batch)
     VALUES (:subscription, :messageId, :reason, :message, :attributes::jsonb,
       :data, :publishedAt, :gateway, :epoch, :eventType, :bucketStart, :batch)
     ON CONFLICT (subscription, message_id)
       DO UPDATE SET seen_count = p.seen_count + 1`,
    {
      subscription: poison.subscription,
      messageId: poison.messageId,
      reason: poison.reason,
      message: storableText(poison.message),
      attributes: JSON.stringify(attributes),
      data: poison.data,
      publishedAt: poison.publishedAt,
      gateway: poison.header?.gateway ?? null,
      epoch: poison.header?.epoch ?? null,
      eventType: poison.header?.eventType ?? null,
      bucketStart: poison.header?.bucket.start ?? null,
      batch: poison.header?.batch ?? null,
    },
  );
}
