import { Knex } from 'knex';
import { inTransaction, queryCount } from '../../database/values';
import { RefusedEvent } from '../../types';
import { recordRefusedSequences } from '../completeness/recordRefusedSequences';
import { insertRefusedEvents } from '../refused/insertRefusedEvents';

/** @public */
export interface RecordRefusedEventsOptions {
  events: RefusedEvent[];
  /**
   * The batch they came in, and by which subscription. With it, a redelivered
   * batch changes nothing; without it, its events count as seen again.
   */
  batch?: {
    subscription: string;
    gateway: string;
    epoch: string;
    batch: number;
  };
}

/**
 * Keeps events that the gateway refused.
 *
 * Guarantees: an event refused for the same reason in the same place (a
 * producer that retries) is one row whose `seen_count` grows; a batch is
 * counted once however often the broker delivers it; all or nothing.
 *
 * @public
 */
export async function recordRefusedEvents(
  db: Knex,
  options: RecordRefusedEventsOptions,
): Promise<void> {
  const { events, batch } = options;
  await inTransaction(db, async tx => {
    if (batch) {
      const isNew = await queryCount(
        tx,
        `INSERT INTO refused_batches (subscription, gateway, epoch, batch)
         VALUES (:subscription, :gateway, :epoch, :batch)
         ON CONFLICT DO NOTHING`,
        {
          subscription: batch.subscription,
          gateway: batch.gateway,
          epoch: batch.epoch,
          batch: batch.batch,
        },
      );
      if (isNew === 0) {
        return;
      }
    }
    await insertRefusedEvents(tx, { events, stage: 'gateway' });
    await recordRefusedSequences(tx, events);
  });
}
