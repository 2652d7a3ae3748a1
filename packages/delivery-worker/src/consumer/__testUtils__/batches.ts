import { crc32, zstdCompressSync } from 'node:zlib';
import {
  BatchHeader,
  Bucket,
  encodeBatchAttributes,
  encodeRefusedAttributes,
  RefusedEvent,
} from '@millrace/schema';
import { BrokerMessage } from '../brokerMessage';

/** One broker message as a gateway publishes it. */
export interface PublishedBatch {
  attributes: Record<string, string>;
  data: Buffer;
}

export function batchOf(options: {
  eventType: string;
  bucket: Bucket;
  batch: number;
  events?: number;
  header?: Partial<BatchHeader>;
  /** In each event, to make it long. */
  text?: string;
}): PublishedBatch {
  const { eventType, bucket, batch, events = 3 } = options;
  const body = Buffer.from(
    Array.from(
      { length: events },
      (_, i) =>
        `${JSON.stringify({
          id: `${batch}-${i}`,
          source: '/test',
          time: null,
          receivedAt: bucket.start.toISOString(),
          producer: null,
          epoch: null,
          sequence: null,
          data: { n: i, text: options.text },
        })}\n`,
    ).join(''),
  );
  return {
    attributes: encodeBatchAttributes({
      gateway: 'g',
      epoch: 'e',
      eventType,
      schemaVersion: 1,
      bucket,
      batch,
      events,
      bytes: body.length,
      crc: crc32(body),
      ...options.header,
    }),
    data: zstdCompressSync(body),
  };
}

export function refusedBatchOf(
  batch: number,
  events: RefusedEvent[],
): PublishedBatch {
  const lines = events.map(event => `${JSON.stringify(event)}\n`).join('');
  return {
    attributes: encodeRefusedAttributes({
      gateway: 'g',
      epoch: 'e',
      batch,
      events: events.length,
    }),
    data: zstdCompressSync(Buffer.from(lines)),
  };
}

export function refusedEvent(n: number): RefusedEvent {
  return {
    refusalId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    eventType: 'page.viewed',
    reason: 'missing_field',
    pointer: '/data/n',
    message: 'is required',
    receivedAt: '2026-01-10T12:00:00.000Z',
    event: '{}',
  };
}

let deliveries = 0;

/** A delivery of a published batch that counts its acknowledgements. */
export function delivered(
  published: PublishedBatch,
  id: string = `message-${(deliveries += 1)}`,
): BrokerMessage & { acks: number } {
  return {
    ...published,
    id,
    publishTime: new Date('2026-01-10T12:00:01Z'),
    acks: 0,
    ack() {
      this.acks += 1;
    },
  };
}
