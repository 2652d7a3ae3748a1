import { Knex } from 'knex';
import { inTransaction, queryCount, queryRows } from '../../database/values';
import { StagedBatch } from '../../types';
import { noteRepeatedBatches } from '../completeness/noteRepeatedBatches';
import {
  assertConsumption,
  ConsumptionClaim,
} from '../leases/assertConsumption';
import { lockForStaging } from './deliveryLock';

/** How far ahead an open bucket is looked for; clocks differ by less. */
const MAX_BUCKETS_AHEAD = 1000;

/** The batches of a call, from one JSON text. */
const BATCHES_SQL = `
  SELECT * FROM jsonb_to_recordset(:rows::jsonb) AS b (
    index integer, gateway text, epoch text, "eventType" text,
    "schemaVersion" integer, "bucketStart" timestamptz,
    "bucketSeconds" integer, batch integer, events integer, bytes bigint,
    crc bigint,
    "stagedFile" text, "offsetBytes" bigint, "lengthBytes" bigint,
    "publishedAt" timestamptz, "messageId" text)`;

/** @public */
export interface RecordStagedBatchesOptions {
  batches: StagedBatch[];
  /**
   * The consumer's time: a batch too late for its bucket lands in the one of
   * now, or of the ledger's now when the consumer's clock is ahead of it.
   */
  now: Date;
  /** The claim on their event type under which they were taken. */
  claim?: ConsumptionClaim;
}

/** @public */
export interface RecordStagedBatchesResult {
  /** Batches whose row points at the given bytes, now or since an earlier try. */
  recorded: number;
  /** Batches that were recorded before from other bytes: acknowledge and drop. */
  duplicates: number;
  /** Batches left out because their file also holds a duplicate. */
  setAside: StagedBatch[];
}

/**
 * Records durable staged batches; afterwards they may be acknowledged.
 *
 * Guarantees, in one transaction:
 * - A batch is recorded once, whatever is redelivered: the key is (event type,
 *   receive bucket, gateway, epoch, batch). Recording the same bytes again
 *   (the answer of the first try got lost) counts as recorded, so a caller
 *   never deletes a file that the ledger points to.
 * - A batch lands in its receive bucket, or, when that is already sealing or
 *   sealed, in the first open bucket from `now` on. Under the lock shared with
 *   `beginSealing` it is in the frozen set or in a bucket that is still open;
 *   there is no third place.
 * - A staged file holds exactly what the ledger says it holds. Files cannot be
 *   read in part, so when one of its batches is a duplicate none of the file is
 *   recorded, and the rest comes back in `setAside` to be written anew.
 * - Under a claim that has passed to another consumer nothing happens and
 *   `FencingError` is thrown.
 *
 * @public
 */
export async function recordStagedBatches(
  db: Knex,
  options: RecordStagedBatchesOptions,
): Promise<RecordStagedBatchesResult> {
  const { batches, now, claim } = options;
  if (batches.length === 0) {
    return { recorded: 0, duplicates: 0, setAside: [] };
  }
  return inTransaction(db, async tx => {
    if (claim) {
      await assertConsumption(tx, claim);
    }
    await lockForStaging(
      tx,
      batches.map(batch => batch.header.eventType),
    );
    const held = await insert(tx, batches, now);
    const isDuplicate = (batch: StagedBatch, index: number) =>
      held[index]?.position !== position(batch);
    const tainted = new Set(
      batches.filter(isDuplicate).map(batch => batch.stagedFile),
    );
    const isSetAside = (batch: StagedBatch, index: number) =>
      tainted.has(batch.stagedFile) &&
      !isDuplicate(batch, index) &&
      held[index].newRow !== undefined;
    await noteRepeatedBatches(tx, batches.filter(isDuplicate));
    if (tainted.size > 0) {
      await queryCount(
        tx,
        'DELETE FROM staged_batches WHERE ctid = ANY (:rows::tid[])',
        {
          rows: held
            .filter((_, i) => isSetAside(batches[i], i))
            .map(h => h.newRow),
        },
      );
    }
    const duplicates = batches.filter(isDuplicate).length;
    const setAside = batches.filter(isSetAside);
    return {
      recorded: batches.length - duplicates - setAside.length,
      duplicates,
      setAside,
    };
  });
}

function position(batch: StagedBatch): string {
  return `${batch.offsetBytes}@${batch.stagedFile}`;
}

interface HeldBatch {
  /** Where the bytes lie that the ledger holds for the batch. */
  position: string;
  /** The row, when this call made it. */
  newRow?: string;
}

/** Inserts what is new and gives, per batch, what the ledger holds for its key. */
async function insert(
  tx: Knex.Transaction,
  batches: StagedBatch[],
  now: Date,
): Promise<HeldBatch[]> {
  const rows = JSON.stringify(
    batches.map(({ header, ...batch }, index) => ({
      ...header,
      ...batch,
      bucketStart: header.bucket.start,
      bucketSeconds: header.bucket.seconds,
      index,
    })),
  );
  const inserted = await queryRows<{ row: string }>(
    tx,
    `WITH batch AS (${BATCHES_SQL}),
     receive_bucket AS (
       SELECT DISTINCT "eventType", "bucketStart", "bucketSeconds" FROM batch
     ),
     landing AS (
       SELECT r.*, CASE
         WHEN NOT EXISTS (
           SELECT FROM partitions p
           WHERE p.event_type = r."eventType"
             AND p.bucket_start = r."bucketStart"
         ) THEN r."bucketStart"
         ELSE (
           SELECT start
           FROM generate_series(0, :ahead) AS n,
             LATERAL (SELECT greatest(r."bucketStart", date_bin(
                 r."bucketSeconds" * interval '1 second',
                 least(:now::timestamptz, now()), timestamptz 'epoch'))
               + n * r."bucketSeconds" * interval '1 second' AS start) c
           WHERE NOT EXISTS (
             SELECT FROM partitions p
             WHERE p.event_type = r."eventType" AND p.bucket_start = c.start
           )
           ORDER BY n LIMIT 1
         ) END AS "landingStart"
       FROM receive_bucket r
     )
     INSERT INTO staged_batches (gateway, epoch, event_type, schema_version,
       bucket_start, bucket_seconds, batch, events, bytes, staged_file,
       offset_bytes, length_bytes, published_at, message_id, crc,
       landing_start, landing_seconds)
     SELECT gateway, epoch, "eventType", "schemaVersion",
       "bucketStart", "bucketSeconds", batch, events, bytes, "stagedFile",
       "offsetBytes", "lengthBytes", "publishedAt", "messageId", crc,
       "landingStart", "bucketSeconds"
     FROM batch JOIN landing
       USING ("eventType", "bucketStart", "bucketSeconds")
     ORDER BY "eventType", "bucketStart", gateway, epoch, batch, index
     ON CONFLICT DO NOTHING
     RETURNING ctid::text AS row`,
    { rows, now, ahead: MAX_BUCKETS_AHEAD },
  );
  // A statement of its own, so that it also sees what another transaction
  // committed while the insert waited for it: perhaps the same bytes, by an
  // earlier try whose answer got lost.
  const found = await queryRows<{
    index: number;
    position: string;
    row: string;
  }>(
    tx,
    `SELECT b.index, s.offset_bytes || '@' || s.staged_file AS position,
       s.ctid::text AS row
     FROM (${BATCHES_SQL}) b JOIN staged_batches s
       ON s.event_type = b."eventType" AND s.bucket_start = b."bucketStart"
       AND s.gateway = b.gateway AND s.epoch = b.epoch AND s.batch = b.batch`,
    { rows },
  );
  const newRows = new Set(inserted.map(({ row }) => row));
  const held: HeldBatch[] = [];
  for (const { index, position: at, row } of found) {
    held[index] = { position: at, newRow: newRows.has(row) ? row : undefined };
  }
  return held;
}
