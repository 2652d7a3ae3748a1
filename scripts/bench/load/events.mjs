import { randomFillSync } from 'node:crypto';
import { createRandom } from './schedule.mjs';

/** Different events in the pool the bodies are made of. */
export const POOL_SIZE = 16_384;

/** The Avro schema of every event type of the benchmarks. */
export const EVENT_SCHEMA = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'orderId', type: 'string' },
    { name: 'customerId', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'currency', type: 'string' },
    { name: 'items', type: 'long' },
    { name: 'country', type: ['null', 'string'], default: null },
    { name: 'channel', type: ['null', 'string'], default: null },
  ],
};

const CURRENCIES = ['EUR', 'USD', 'GBP', 'SEK', 'JPY', 'BRL'];
const COUNTRIES = ['DE', 'FR', 'SE', 'US', 'GB', 'JP', 'BR', 'IN', 'NL'];
const CHANNELS = ['web', 'ios', 'android', 'store', 'phone'];
const SOURCES = ['/shop/web', '/shop/app', '/shop/pos', '/shop/api'];
const ID = '00000000-0000-4000-8000-000000000000';
const DAY_MS = 86_400_000;

/**
 * CloudEvents as JSON text, about 270 bytes each. Values differ from event to
 * event as they would in a shop, so that compression has no easy game.
 *
 * @param {{ eventTypes: string[], seed?: number, isMisfit?: boolean, now?: number }} options
 *   `isMisfit` makes events that no schema here takes
 * @returns {string[]}
 */
export function createPool({
  eventTypes,
  seed = 1,
  isMisfit = false,
  now = Date.now(),
}) {
  const random = createRandom(seed);
  const whole = below => Math.floor(random() * below);
  const pick = list => list[whole(list.length)];
  return Array.from({ length: POOL_SIZE }, (_, index) =>
    JSON.stringify({
      specversion: '1.0',
      id: ID,
      source: pick(SOURCES),
      type: eventTypes[index % eventTypes.length],
      time: new Date(now - whole(DAY_MS)).toISOString(),
      data: {
        orderId: `o-${10_000_000 + whole(90_000_000)}`,
        customerId: `c-${100_000 + whole(900_000)}`,
        amount: isMisfit ? 'many' : whole(100_000) / 100,
        currency: pick(CURRENCIES),
        items: 1 + whole(40),
        country: pick(COUNTRIES),
        channel: pick(CHANNELS),
      },
    }),
  );
}

/** Mean length of the pool's events in bytes. */
export function meanBytes(pool) {
  return (
    pool.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / pool.length
  );
}

/**
 * A whole HTTP request with a body of `batchSize` events in one buffer. Every
 * call of `fresh` writes a new random UUID into each event, so that no id is
 * ever sent twice; but of a share of `repeat` events, which keep the one they
 * had, and with it are sent again, word for word.
 *
 * @param {{ pool: string[], first: number, batchSize: number, host: string,
 *   port: number, path: string, writeKey: string, repeat?: number }} options
 *   `first` is where in the pool the body begins
 * @returns {{ buffer: Buffer, fresh(): Buffer, ids(): Buffer }} `ids` are those
 *   in the body as it is now, as text, 36 characters each
 */
export function createRequest({
  pool,
  first,
  batchSize,
  host,
  port,
  path,
  writeKey,
  repeat = 0,
}) {
  const events = Array.from(
    { length: batchSize },
    (_, n) => pool[(first + n) % pool.length],
  );
  const isSingle = batchSize === 1;
  const body = Buffer.from(isSingle ? events[0] : `[${events.join(',')}]`);
  const head = Buffer.from(
    [
      `POST ${path} HTTP/1.1`,
      `host: ${host}:${port}`,
      `authorization: Bearer ${writeKey}`,
      `content-type: application/cloudevents${isSingle ? '' : '-batch'}+json`,
      `content-length: ${body.length}`,
      '\r\n',
    ].join('\r\n'),
  );
  const buffer = Buffer.concat([head, body]);
  const offsets = [];
  for (
    let at = buffer.indexOf(ID);
    at >= 0;
    at = buffer.indexOf(ID, at + ID.length)
  ) {
    offsets.push(at);
  }
  const chance = Buffer.alloc(offsets.length * RANDOM_BYTES);
  const repeated = Math.round(offsets.length * repeat);
  let uses = 0;
  return {
    buffer,
    fresh() {
      randomFillSync(chance);
      let from = 0;
      // The first ones of the body have not been sent before.
      const kept = uses === 0 ? 0 : repeated;
      for (let n = kept; n < offsets.length; n++) {
        writeId(buffer, offsets[n], chance, from);
        from += RANDOM_BYTES;
      }
      uses += 1;
      return buffer;
    },
    ids() {
      return Buffer.concat(
        offsets.map(offset => buffer.subarray(offset, offset + ID.length)),
      );
    },
  };
}

const RANDOM_BYTES = 15;
const HEX = Buffer.from('0123456789abcdef');
/** Where in a UUID the pairs of random digits go; the rest is fixed. */
const PAIRS = [0, 2, 4, 6, 9, 11, 16, 21, 24, 26, 28, 30, 32, 34];

function writeId(buffer, offset, chance, from) {
  for (let n = 0; n < PAIRS.length; n++) {
    const byte = chance[from + n];
    const at = offset + PAIRS[n];
    buffer[at] = HEX[byte >> 4];
    buffer[at + 1] = HEX[byte & 15];
  }
  const last = chance[from + 14];
  buffer[offset + 15] = HEX[last >> 4];
  buffer[offset + 20] = HEX[last & 15];
}
