import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { createIdTable } from './idTable.mjs';

test('each id is one, however often it is added, and is seen as often as it comes', () => {
  const ids = Array.from({ length: 1_000 }, () => randomUUID());
  const table = createIdTable(2_000);
  for (const id of [...ids, ...ids]) table.add(id);
  assert.equal(table.size, 1_000);
  assert.equal(table.unseen(), 1_000);
  for (const id of ids.slice(1)) assert.equal(table.see(id), 0);
  assert.equal(table.see(ids[5]), 1);
  assert.equal(table.unseen(), 1);
});

test('an id that was not added is unknown, also one that differs in a digit, or is none', () => {
  const table = createIdTable(10);
  const id = '3f2b8c1e-0000-4000-8000-00000000000a';
  table.add(id);
  assert.equal(table.see(id.replace(/a$/, 'b')), undefined);
  assert.equal(table.see('nothing'), undefined);
  assert.throws(() => table.add('nothing'), /Not a UUID/);
});
