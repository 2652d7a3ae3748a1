import { Knex } from 'knex';
import { findAlteredBatch } from '../../batchSum';
import { queryRows } from '../../database/values';
import { sinceBooks } from './readBooksBegan';

/** Batches listed at most per gateway epoch and bucket, of each kind. */
const MAX_LISTED = 1000;

/** @public */
export type BatchFaultKind =
  /** Declared as published, and nowhere: neither staged nor kept unreadable. */
  | 'batch_missing'
  /** Arrived, could not be read, and is kept aside. */
  | 'batch_unreadable'
  /** Arrived with a number beyond those the gateway declared. */
  | 'batch_undeclared'
  /** The number is right, the content is not what the gateway declared. */
  | 'batch_altered'
  /** Two batches with other contents came under one number; one was dropped. */
  | 'batch_number_reused'
  /** Several contents are not what the gateway declared: which, is not known. */
  | 'batches_altered'
  /** All batches are there as declared, and do not hold as many events. */
  | 'events_differ';

/** @public */
export interface BatchFault {
  bucketStart: Date;
  gateway: string;
  epoch: string;
  kind: BatchFaultKind;
  /** Missing where no single batch can be named. */
  batch?: number;
  /** Events it is about, where that is known; negative: too many. */
  events?: number;
}

interface Row {
  bucketStart: Date;
  gateway: string;
  epoch: string;
  declaredEvents: number;
  declaredSum: string | null;
  events: number;
  sum: string;
  withoutCrc: number;
  undeclared: number[];
  unreadable: number[];
  missing: number[];
}

/** Exported so that a test can look at its plan. */
export const BATCH_FAULTS_SQL = `
  WITH declared AS (
    SELECT bucket_start, gateway, epoch, last_batch, abandoned_batches, events,
      batches_sum
    FROM gateway_bucket_counts
    WHERE event_type = :eventType
      AND bucket_start >= :from AND bucket_start < :to
  ),
  sealed AS (
    SELECT a.receive_start AS bucket_start, a.gateway, a.epoch,
      sum(a.batches) AS batches
    FROM partition_arrivals a JOIN partitions p USING (partition_id)
    WHERE a.event_type = :eventType
      AND a.receive_start >= :from AND a.receive_start < :to
      AND p.state = 'sealed' AND p.superseded_at IS NULL
    GROUP BY a.receive_start, a.gateway, a.epoch
  ),
  arrived AS (
    SELECT s.bucket_start, s.gateway, s.epoch, count(*) AS batches,
      coalesce(sum(s.events) FILTER (WHERE is_counted), 0)::float8 AS events,
      count(*) FILTER (WHERE is_counted AND s.crc IS NULL)::integer
        AS without_crc,
      mod(sum(batch_hash(s.batch, s.crc)) FILTER (WHERE is_counted),
        18446744073709551616) AS sum,
      (array_agg(s.batch ORDER BY s.batch)
        FILTER (WHERE s.batch > d.last_batch))[1:${MAX_LISTED}] AS undeclared
    FROM declared d JOIN staged_batches s ON s.event_type = :eventType
      AND s.bucket_start = d.bucket_start AND s.gateway = d.gateway
      AND s.epoch = d.epoch,
    LATERAL (SELECT s.batch <= d.last_batch
      AND s.batch <> ALL (d.abandoned_batches) AS is_counted) c
    GROUP BY s.bucket_start, s.gateway, s.epoch
  ),
  poison AS (
    SELECT p.bucket_start, p.gateway, p.epoch,
      array_agg(DISTINCT p.batch ORDER BY p.batch) AS batches
    FROM poison_batches p
    WHERE p.event_type = :eventType
      AND p.bucket_start >= :from AND p.bucket_start < :to
      AND NOT EXISTS (
        SELECT FROM staged_batches s
        WHERE s.event_type = :eventType AND s.bucket_start = p.bucket_start
          AND s.gateway = p.gateway AND s.epoch = p.epoch AND s.batch = p.batch
      )
    GROUP BY p.bucket_start, p.gateway, p.epoch
  )
  SELECT d.bucket_start AS "bucketStart", d.gateway, d.epoch,
    d.events::float8 AS "declaredEvents", d.batches_sum AS "declaredSum",
    coalesce(a.events, 0) AS events, coalesce(a.sum, 0) AS sum,
    coalesce(a.without_crc, 0) AS "withoutCrc",
    coalesce(a.undeclared, '{}') AS undeclared,
    coalesce(p.batches, '{}') AS unreadable,
    ARRAY(
      SELECT b FROM generate_series(1, d.last_batch) AS b
      WHERE b <> ALL (d.abandoned_batches)
        AND b <> ALL (coalesce(p.batches, '{}'))
        AND NOT EXISTS (
          SELECT FROM staged_batches s
          WHERE s.event_type = :eventType AND s.bucket_start = d.bucket_start
            AND s.gateway = d.gateway AND s.epoch = d.epoch AND s.batch = b
        )
      ORDER BY b LIMIT ${MAX_LISTED}
    ) AS missing
  FROM declared d
  LEFT JOIN arrived a USING (bucket_start, gateway, epoch)
  LEFT JOIN poison p USING (bucket_start, gateway, epoch)
  LEFT JOIN sealed l USING (bucket_start, gateway, epoch)
  -- Staged batches are forgotten some weeks after they were sealed; of those
  -- that have been, nothing can be said any more.
  WHERE coalesce(l.batches, 0) <= coalesce(a.batches, 0)
  ORDER BY d.bucket_start, d.gateway, d.epoch`;

/**
 * Compares what gateways declared with the batches that arrived, for the
 * receive buckets that begin in a range, and names what does not fit.
 *
 * A batch of the buckets under way may still be on its way: `batch_missing` is
 * a fault of a bucket that is closed, and news of one that is not. Contents are
 * compared only where no batch is missing and all have a CRC; gateways of
 * versions before it send none. Of buckets whose staged batches have been
 * forgotten (31 days after sealing) nothing is said; what was found when they
 * closed is kept.
 *
 * @public
 */
export async function findBatchFaults(
  db: Knex,
  options: { eventType: string; from: Date; to: Date },
): Promise<BatchFault[]> {
  const { eventType, to } = options;
  const from = await sinceBooks(db, options.from);
  const rows = await queryRows<Row>(db, BATCH_FAULTS_SQL, {
    eventType,
    from,
    to,
  });
  const faults: BatchFault[] = [];
  for (const row of rows) {
    faults.push(...(await faultsOf(db, eventType, row)));
  }
  return faults;
}

async function faultsOf(
  db: Knex,
  eventType: string,
  row: Row,
): Promise<BatchFault[]> {
  const { bucketStart, gateway, epoch, missing, unreadable, undeclared } = row;
  const fault = (
    kind: BatchFaultKind,
    detail: { batch?: number; events?: number } = {},
  ): BatchFault => ({ bucketStart, gateway, epoch, kind, ...detail });
  const absent = row.declaredEvents - row.events;
  const gone = [
    ...missing.map(batch => fault('batch_missing', { batch })),
    ...unreadable.map(batch => fault('batch_unreadable', { batch })),
  ];
  if (gone.length === 1) {
    gone[0].events = absent;
  }
  const faults = [
    ...gone,
    ...undeclared.map(batch => fault('batch_undeclared', { batch })),
  ];
  if (gone.length > 0) {
    return faults;
  }
  const isCompared = row.declaredSum !== null && row.withoutCrc === 0;
  const isAltered =
    isCompared && BigInt(row.declaredSum ?? 0) !== BigInt(row.sum);
  if (isAltered) {
    const batch = findAlteredBatch(
      BigInt(row.declaredSum ?? 0),
      BigInt(row.sum),
      await readCrcs(db, eventType, row),
    );
    const events = absent === 0 ? undefined : absent;
    return [
      ...faults,
      batch === undefined
        ? fault('batches_altered', { events })
        : fault('batch_altered', { batch, events }),
    ];
  }
  return absent === 0
    ? faults
    : [...faults, fault('events_differ', { events: absent })];
}

/** Read only when the sums differ, to find the batch that explains it. */
async function readCrcs(
  db: Knex,
  eventType: string,
  { bucketStart, gateway, epoch }: Row,
): Promise<{ batch: number; crc: number }[]> {
  return queryRows(
    db,
    `SELECT s.batch, s.crc::float8 AS crc
     FROM staged_batches s JOIN gateway_bucket_counts d
       USING (event_type, bucket_start, gateway, epoch)
     WHERE s.event_type = :eventType AND s.bucket_start = :bucketStart
       AND s.gateway = :gateway AND s.epoch = :epoch
       AND s.batch <= d.last_batch AND s.batch <> ALL (d.abandoned_batches)`,
    { eventType, bucketStart, gateway, epoch },
  );
}
