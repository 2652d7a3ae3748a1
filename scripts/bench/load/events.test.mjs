import assert from 'node:assert/strict';
import test from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { createPool, createRequest, meanBytes } from './events.mjs';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;
const TYPES = ['bench.order', 'bench.refund'];

const request = options =>
  createRequest({
    pool: createPool({ eventTypes: TYPES }),
    first: 0,
    batchSize: 500,
    host: '127.0.0.1',
    port: 80,
    path: '/v1/events',
    writeKey: 'key',
    ...options,
  });

function bodyOf(buffer) {
  const text = buffer.toString();
  const [head, body] = text.split('\r\n\r\n');
  const length = Number(/content-length: (\d+)/.exec(head)[1]);
  assert.equal(Buffer.byteLength(body), length);
  return JSON.parse(body);
}

test('events have about 270 bytes and are all different', () => {
  const pool = createPool({ eventTypes: TYPES });
  assert.equal(new Set(pool).size, pool.length);
  assert.ok(Math.abs(meanBytes(pool) - 270) < 10, `${meanBytes(pool)}`);
});

test('every id is a UUID and is sent once, over many uses of one body', () => {
  const { fresh } = request();
  const ids = new Set();
  for (let use = 0; use < 40; use++) {
    for (const { id } of bodyOf(fresh())) {
      assert.match(id, UUID);
      ids.add(id);
    }
  }
  assert.equal(ids.size, 40 * 500);
});

test('every digit of an id that may vary does', () => {
  const { fresh } = request({ batchSize: 400 });
  const seen = Array.from({ length: 36 }, () => new Set());
  for (const { id } of bodyOf(fresh())) {
    [...id].forEach((digit, index) => seen[index].add(digit));
  }
  const fixed = seen.flatMap(({ size }, index) => (size === 1 ? [index] : []));
  assert.deepEqual(fixed, [8, 13, 14, 18, 19, 23]);
});

test('a request is whole again after its ids were written', () => {
  const batch = bodyOf(request().fresh());
  assert.deepEqual(
    batch.slice(0, 4).map(({ type }) => type),
    ['bench.order', 'bench.refund', 'bench.order', 'bench.refund'],
  );
  const single = bodyOf(request({ batchSize: 1 }).fresh());
  assert.equal(single.type, 'bench.order');
  assert.equal(typeof single.data.amount, 'number');
});

test('misfitting events differ in the one field that does not fit', () => {
  const [event] = createPool({ eventTypes: TYPES, isMisfit: true });
  assert.equal(JSON.parse(event).data.amount, 'many');
});

test('the events compress like real ones and not like one repeated', () => {
  const lines = bodyOf(request().fresh()).map(event => JSON.stringify(event));
  const text = lines.join('\n');
  const ratio = text.length / zstdCompressSync(text).length;
  assert.ok(ratio > 3 && ratio < 7, `ratio ${ratio}`);
});

test('a share of the events is sent again as it was, and the ids of a body are told', () => {
  const { fresh, ids } = request({ repeat: 0.01 });
  const first = bodyOf(fresh());
  const second = bodyOf(fresh());
  const known = new Set(first.map(event => JSON.stringify(event)));
  const again = second.filter(event => known.has(JSON.stringify(event)));
  assert.equal(again.length, 5);
  assert.deepEqual(
    ids().toString().match(/.{36}/g),
    second.map(({ id }) => id),
  );
});
