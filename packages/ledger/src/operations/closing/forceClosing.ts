import { Knex } from 'knex';
import { inTransaction, storableText } from '../../database/values';
import { LedgerError } from '../../errors';
import { readClosingInputs } from '../sealing/readClosingInputs';
import { missingFrom } from './missingFrom';
import { ForcedClosing, readForcedClosing } from './readForcedClosing';
import { readWaitingBucket } from './readWaitingBucket';

/** @public */
export interface ForceClosingOptions {
  eventType: string;
  bucketStart: Date;
  /** Why, in the words of the person; 1 to 1,000 characters. */
  reason: string;
  requestedBy: string;
}

/**
 * Orders that a bucket be closed with what it has. The next sealer that looks
 * at it obeys, by the rule `forced`, and keeps the order in the decision.
 *
 * Guarantees: only a bucket that a sealer has found waiting can be forced, so
 * none that is not over, and none that is sealed or being sealed:
 * `bucket_not_waiting`. What was missing at that moment is kept with the order.
 * The first order stands; giving it again changes nothing and gives the first.
 * Nothing is lost: what arrives later lands in a later bucket as skew.
 *
 * @public
 */
export async function forceClosing(
  db: Knex,
  options: ForceClosingOptions,
): Promise<ForcedClosing> {
  const { eventType, bucketStart, requestedBy } = options;
  return inTransaction(db, async tx => {
    const waiting = await readWaitingBucket(tx, options);
    if (!waiting) {
      throw new LedgerError(
        'bucket_not_waiting',
        `Bucket ${bucketStart.toISOString()} of ${eventType} does not wait: it is not over, is sealed or being sealed, or no worker has looked at it yet`,
      );
    }
    const { gateways } = await readClosingInputs(tx, {
      eventType,
      bucket: waiting.bucket,
    });
    await tx.raw(
      `INSERT INTO forced_closings
         (event_type, bucket_start, reason, requested_by, missing)
       VALUES (:eventType, :bucketStart, :reason, :requestedBy,
         :missing::jsonb)
       ON CONFLICT DO NOTHING`,
      {
        eventType,
        bucketStart,
        requestedBy,
        reason: storableText(options.reason),
        missing: JSON.stringify(missingFrom(gateways)),
      },
    );
    const forced = await readForcedClosing(tx, { eventType, bucketStart });
    if (!forced) {
      throw new Error('The order was not kept');
    }
    return forced;
  });
}
