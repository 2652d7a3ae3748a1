import { Knex } from 'knex';
import { inTransaction } from '../../database/values';
import { BatchFault, findBatchFaults } from './findBatchFaults';

/**
 * Compares declarations and batches of receive buckets, and keeps what does not
 * fit. A finding of before that is no longer found (the batch came late) is
 * marked as resolved. It blocks nothing.
 *
 * @public
 */
export async function recordBatchFindings(
  db: Knex,
  options: { eventType: string; bucketStarts: Date[] },
): Promise<BatchFault[]> {
  const { eventType, bucketStarts } = options;
  const all: BatchFault[] = [];
  for (const from of bucketStarts) {
    const to = new Date(from.getTime() + 1);
    const faults = await findBatchFaults(db, { eventType, from, to });
    all.push(...faults);
    const bindings = {
      eventType,
      bucketStart: from,
      faults: JSON.stringify(
        faults.map(fault => ({ ...fault, batch: fault.batch ?? 0 })),
      ),
    };
    await inTransaction(db, async tx => {
      await tx.raw(
        `INSERT INTO batch_findings AS f (event_type, bucket_start, gateway,
           epoch, kind, batch, events)
         SELECT :eventType, :bucketStart, gateway, epoch, kind, batch, events
         FROM jsonb_to_recordset(:faults::jsonb) AS n (gateway text,
           epoch text, kind text, batch integer, events bigint)
         ORDER BY gateway, epoch, kind, batch
         ON CONFLICT (event_type, bucket_start, gateway, epoch, kind, batch)
           DO UPDATE SET events = excluded.events, resolved_at = NULL`,
        bindings,
      );
      await tx.raw(
        `UPDATE batch_findings f SET resolved_at = now()
         WHERE f.event_type = :eventType AND f.bucket_start = :bucketStart
           AND f.resolved_at IS NULL AND f.kind <> 'batch_number_reused'
           AND NOT EXISTS (
             SELECT FROM jsonb_to_recordset(:faults::jsonb) AS n (gateway text,
               epoch text, kind text, batch integer)
             WHERE n.gateway = f.gateway AND n.epoch = f.epoch
               AND n.kind = f.kind AND n.batch = f.batch
           )`,
        bindings,
      );
    });
  }
  return all;
}
