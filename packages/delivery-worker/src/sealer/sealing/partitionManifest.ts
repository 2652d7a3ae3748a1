import { createHash } from 'node:crypto';
import { Manifest } from '@millrace/lake';
import { FrozenBatch } from '@millrace/ledger';
import { Bucket, bucketEnd } from '@millrace/schema';
import { SealedEvents } from './sealEvents';
import { TypeSchema } from './typeSchemas';

/** What a sealing says of the partition that it makes, without its files. */
export function manifestOf(options: {
  eventType: string;
  bucket: Bucket;
  revision: number;
  /** The revision whose place it takes. */
  replaces?: number;
  why: string;
  schema: TypeSchema;
  batches: FrozenBatch[];
  events: SealedEvents;
  decision: unknown;
  sealedAt: Date;
}): Omit<Manifest, 'files' | 'ids'> {
  const { eventType, bucket, batches, events } = options;
  const versions = new Set(batches.map(batch => batch.header.schemaVersion));
  return {
    formatVersion: 1,
    endpoint: eventType,
    eventType,
    bucket: {
      start: bucket.start.toISOString(),
      end: bucketEnd(bucket).toISOString(),
      seconds: bucket.seconds,
    },
    revision: options.revision,
    why: options.why,
    replaces: options.replaces,
    schemaVersion: options.schema.version,
    schemaVersions: [...versions].sort((a, b) => a - b),
    counts: events.counts,
    keySums: events.keySums,
    minReceivedAt: events.minReceivedAt,
    maxReceivedAt: events.maxReceivedAt,
    minTime: events.minTime,
    maxTime: events.maxTime,
    sealedAt: options.sealedAt.toISOString(),
    decision: options.decision,
    inputs: { batches: batches.length, digest: digestOf(batches) },
  };
}

/** Equal for equal sets of batches, in whatever order and wherever they lie. */
function digestOf(batches: FrozenBatch[]): string {
  const lines = batches.map(({ header }) =>
    JSON.stringify([
      header.gateway,
      header.epoch,
      header.eventType,
      header.schemaVersion,
      header.bucket.start.toISOString(),
      header.batch,
      header.events,
      header.bytes,
    ]),
  );
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/** Of a bucket without events. */
export function nothingSealed(): SealedEvents {
  return {
    counts: {
      accepted: 0,
      delivered: 0,
      duplicates: 0,
      refused: 0,
      conflicts: 0,
      skewed: 0,
    },
    keySums: { accepted: '0', delivered: '0', duplicates: '0', refused: '0' },
    parts: [],
    seenThrough: '0',
    landings: [],
    refused: [],
  };
}
