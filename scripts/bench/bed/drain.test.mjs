import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { drain } from './drain.mjs';
import { startBroker } from './roles.mjs';
import { createScope } from './scope.mjs';

const scope = createScope();
let pubsub;
let queues = 0;

before(async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-drain-'));
  scope.onEnd(() => fs.rmSync(dir, { recursive: true }));
  const context = { node: process.execPath, env: process.env, scope };
  ({ pubsub } = await startBroker(context, { dir }));
});
after(() => scope.end());

/** Publishes batches as a gateway does. */
async function publish(batches) {
  const topic = `drain-${(queues += 1)}`;
  await pubsub.createTopic(topic);
  await pubsub.topic(topic).createSubscription(`${topic}.reader`);
  for (const { batch, ids, events = ids.length } of batches) {
    const lines = ids.map(id => JSON.stringify({ id, data: {} }));
    await pubsub.topic(topic).publishMessage({
      data: zstdCompressSync(Buffer.from(`${lines.join('\n')}\n`)),
      attributes: { gateway: 'g', epoch: 'e', batch, events: String(events) },
    });
  }
  return `${topic}.reader`;
}

test('every batch is counted once, also one that came twice', async () => {
  const first = await publish([
    { batch: '1', ids: ['a', 'b'] },
    { batch: '2', ids: ['c'] },
    { batch: '1', ids: ['a', 'b'] },
  ]);
  const { events, messages } = await drain(pubsub, [first], 3);
  assert.deepEqual({ events, messages }, { events: 3, messages: 2 });
});

test('events that are missing are missed', async () => {
  const queue = await publish([{ batch: '1', ids: ['a', 'b'] }]);
  const { events } = await drain(pubsub, [queue], 3, { silenceMs: 500 });
  assert.equal(events, 2);
});

test('events beyond the expected ones are counted too', async () => {
  const queue = await publish([
    { batch: '1', ids: ['a'] },
    { batch: '2', ids: ['b'] },
  ]);
  assert.equal((await drain(pubsub, [queue], 1)).events, 2);
});

test('an id that was stored twice is found', async () => {
  const queue = await publish([{ batch: '1', ids: ['a', 'b', 'a'] }]);
  assert.equal((await drain(pubsub, [queue], 3)).repeatedIds, 1);
});

test('a batch that holds fewer events than it says is an error', async () => {
  const queue = await publish([{ batch: '1', ids: ['a'], events: 5 }]);
  await assert.rejects(drain(pubsub, [queue], 5), /says it has 5 events/);
});
