import { Knex } from 'knex';
import { inTransaction, storableText } from '../../database/values';
import { BatchHeader } from '../../types';
import { forgetAttempts } from './forgetAttempts';

/** @public */
export interface PoisonBatch {
  subscription: string;
  /** Of the subscription; `undefined` where events of unknown types come. */
  subscriptionType?: string;
  messageId: string;
  /** Reason code of the consumer. */
  reason: string;
  /** A sentence for the person who looks at it. */
  message: string;
  attributes: Record<string, string>;
  data: Buffer;
  publishedAt: Date;
  /** How often it was tried. Default 1: reading it once was enough. */
  attempts?: number;
  /** Where it could be read: then the batch no longer counts as missing. */
  header?: BatchHeader;
}

/**
 * Keeps a broker message that cannot be staged, whole and with the reason, so
 * that it may be acknowledged and blocks nothing behind it. A redelivered one is
 * counted, not kept twice; a wish to try it again is answered by this.
 *
 * @public
 */
export async function recordPoisonBatch(
  db: Knex,
  poison: PoisonBatch,
): Promise<void> {
  const { subscription, messageId } = poison;
  const attributes = Object.fromEntries(
    Object.entries(poison.attributes).map(pair =>
      pair.map(text => Buffer.from(storableText(text)).toString()),
    ),
  );
  await inTransaction(db, async tx => {
    await tx.raw(
      `INSERT INTO poison_batches AS p (subscription, subscription_type,
         message_id, reason, message, attributes, data, published_at, attempts,
         gateway, epoch, event_type, bucket_start, batch)
       VALUES (:subscription, :subscriptionType, :messageId, :reason, :message,
         :attributes::jsonb, :data, :publishedAt, :attempts, :gateway, :epoch,
         :eventType, :bucketStart, :batch)
       ON CONFLICT (subscription, message_id) DO UPDATE SET
         seen_count = p.seen_count + 1,
         attempts = greatest(p.attempts + 1, excluded.attempts),
         reason = excluded.reason,
         message = excluded.message,
         retry_requested_at = NULL,
         resolved_at = NULL`,
      {
        subscription,
        subscriptionType: poison.subscriptionType ?? null,
        messageId,
        reason: poison.reason,
        message: storableText(poison.message),
        attributes: JSON.stringify(attributes),
        data: poison.data,
        publishedAt: poison.publishedAt,
        attempts: poison.attempts ?? 1,
        gateway: poison.header?.gateway ?? null,
        epoch: poison.header?.epoch ?? null,
        eventType: poison.header?.eventType ?? null,
        bucketStart: poison.header?.bucket.start ?? null,
        batch: poison.header?.batch ?? null,
      },
    );
    await forgetAttempts(tx, { subscription, messageIds: [messageId] });
  });
}
