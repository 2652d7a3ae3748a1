import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { createPool } from '../load/events.mjs';
import { ledger } from './rooms.mjs';

const EVENTS_PER_BATCH = 500;

/** What a consumer flushes at once under a load of 60,000 events a second. */
const BATCHES_PER_FILE = 12;

const LEVEL_1 = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * Events as gateways write them and consumers stage them, recorded in the
 * ledger; without either.
 *
 * @param {object} options
 * @param {import('knex').Knex} options.db
 * @param {string} options.stagingDir
 * @param {string} options.eventType
 * @param {{ gateway: string, epoch: string }[]} options.gateways each has
 *   received every so manyth batch
 * @param {{ start: Date, seconds: number }} options.bucket
 * @param {number} options.events
 * @param {{ id: string, source: string, data: string }[]} [options.again]
 *   events that were there before; they take the places of the last ones
 * @param {number} [options.repeats] so many of the events come twice
 * @returns {Promise<{ sample: { id: string, source: string, data: string }[],
 *   bytes: number, storedBytes: number, batches: number,
 *   published: { batches: number, events: number }[] }>} `sample` are events of
 *   this bucket; bytes uncompressed and as they lie on disk; published by each
 *   gateway
 */
export async function stageEvents({
  db,
  stagingDir,
  eventType,
  gateways,
  bucket,
  events,
  again = [],
  repeats = 0,
}) {
  const pool = createPool({ eventTypes: [eventType] }).map(text => {
    const { source, time, data } = JSON.parse(text);
    return { source, time, data: JSON.stringify(data) };
  });
  const folder = path.join(stagingDir, eventType);
  fs.mkdirSync(folder, { recursive: true });
  const sample = [];
  const total = { bytes: 0, storedBytes: 0, batches: 0 };
  const published = gateways.map(() => ({ batches: 0, events: 0 }));
  let bodies = [];

  const flush = async () => {
    const file = path.join(folder, `${randomUUID()}.ndjson.zst`);
    fs.writeFileSync(file, Buffer.concat(bodies.map(({ body }) => body)));
    let offsetBytes = 0;
    const batches = bodies.map(({ body, header }) => {
      const batch = {
        header,
        stagedFile: file,
        offsetBytes,
        lengthBytes: body.length,
        publishedAt: bucket.start,
        messageId: randomUUID(),
      };
      offsetBytes += body.length;
      return batch;
    });
    await ledger.recordStagedBatches(db, { batches, now: bucket.start });
    bodies = [];
  };

  for (let first = 0; first < events; first += EVENTS_PER_BATCH) {
    const size = Math.min(EVENTS_PER_BATCH, events - first);
    let text = '';
    for (let n = first; n < first + size; n++) {
      const kept = again[n - (events - again.length)];
      const repeated = n >= events - again.length - repeats ? sample : [];
      const event = kept ??
        repeated[n % repeated.length] ?? {
          ...pool[n % pool.length],
          id: randomUUID(),
        };
      if (sample.length < Math.max(repeats, 1) * 2) sample.push(event);
      const receivedAt = new Date(
        bucket.start.getTime() + (n / events) * bucket.seconds * 1000,
      ).toISOString();
      text += `{"id":"${event.id}","source":"${event.source}","time":${
        event.time ? `"${event.time}"` : 'null'
      },"receivedAt":"${receivedAt}","producer":null,"epoch":null,"sequence":null,"data":${
        event.data
      }}\n`;
    }
    const bytes = Buffer.from(text);
    const body = zlib.zstdCompressSync(bytes, LEVEL_1);
    total.bytes += bytes.length;
    total.storedBytes += body.length;
    const turn = total.batches % gateways.length;
    total.batches += 1;
    published[turn].batches += 1;
    published[turn].events += size;
    bodies.push({
      body,
      header: {
        ...gateways[turn],
        eventType,
        schemaVersion: 1,
        bucket,
        batch: published[turn].batches,
        events: size,
        bytes: bytes.length,
      },
    });
    if (bodies.length === BATCHES_PER_FILE) await flush();
  }
  if (bodies.length > 0) await flush();
  return { ...total, sample, published };
}
