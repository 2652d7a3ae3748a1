import { StagedBatch } from '../../types';

/** A frozen batch: where its bytes lie and what it says of itself. @public */
export interface FrozenBatch {
  path: string;
  offsetBytes: number;
  lengthBytes: number;
  header: StagedBatch['header'];
  publishedAt: Date;
}

/** SELECT list of a frozen batch; the staged batches have the alias `b`. */
export const FROZEN_BATCH_COLUMNS = `
  b.staged_file AS path, b.offset_bytes AS "offsetBytes",
  b.length_bytes AS "lengthBytes", b.published_at AS "publishedAt",
  b.gateway, b.epoch, b.event_type AS "eventType",
  b.schema_version AS "schemaVersion", b.bucket_start AS "bucketStart",
  b.bucket_seconds AS "bucketSeconds", b.batch, b.events, b.bytes`;

/** A row of {@link FROZEN_BATCH_COLUMNS}; Postgres' bigint arrives as text. */
export interface FrozenBatchRow {
  path: string;
  offsetBytes: string;
  lengthBytes: string;
  publishedAt: Date;
  gateway: string;
  epoch: string;
  eventType: string;
  schemaVersion: number;
  bucketStart: Date;
  bucketSeconds: number;
  batch: number;
  events: number;
  bytes: string;
}

export function toFrozenBatch(row: FrozenBatchRow): FrozenBatch {
  return {
    path: row.path,
    offsetBytes: Number(row.offsetBytes),
    lengthBytes: Number(row.lengthBytes),
    publishedAt: row.publishedAt,
    header: {
      gateway: row.gateway,
      epoch: row.epoch,
      eventType: row.eventType,
      schemaVersion: row.schemaVersion,
      bucket: { start: row.bucketStart, seconds: row.bucketSeconds },
      batch: row.batch,
      events: row.events,
      bytes: Number(row.bytes),
    },
  };
}
