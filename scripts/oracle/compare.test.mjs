import assert from 'node:assert/strict';
import test from 'node:test';
import { compare } from './compare.mjs';

const sent = (id, outcome, more = {}) => ({
  id,
  source: '/test',
  type: 'shop.order',
  outcome,
  ...more,
});
const row = (id, more = {}) => ({
  endpoint: 'shop.order',
  partition: 'shop.order/dt=2026-01-01/hh=00/r0001',
  row: { _id: id, _source: '/test', ...more },
});
const listed = (id, reason, pointer) => ({
  eventId: id,
  source: '/test',
  eventType: 'shop.order',
  reason,
  pointer,
});

test('a lake that holds each accepted event once and lists each refused one is clean', () => {
  const result = compare(
    [
      sent('a', 'accepted', {
        data: { amount: 3, open: true, at: '2026-01-01T01:00:00+01:00' },
      }),
      sent('a', 'accepted', { redelivery: true }),
      sent('b', 'refused', { reason: 'wrong_type', pointer: '/data/amount' }),
      sent('c', 'unknown'),
    ],
    [row('a', { amount: 3n, open: true, at: new Date('2026-01-01') })],
    [listed('b', 'wrong_type', '/data/amount')],
  );
  assert.deepEqual(result, {
    accepted: 1,
    delivered: 1,
    duplicated: 0,
    refused: 1,
    lost: 0,
    problems: [],
  });
});

const conflicting = [
  sent('a', 'accepted', { data: { amount: 1 } }),
  sent('a', 'accepted', { data: { amount: 2 } }),
  sent('a', 'accepted', { data: { amount: 2 } }),
];

test('one id with two contents is two events, of which one has no conflict mark', () => {
  const result = compare(
    conflicting,
    [
      row('a', { amount: 1n, _id_conflict: false }),
      row('a', { amount: 2n, _id_conflict: true }),
    ],
    [],
  );
  assert.deepEqual(result.problems, []);
  assert.equal(result.accepted, 2);
  assert.equal(result.delivered, 2);
});

const flaws = {
  'an event that was taken for another with the same id is lost': [
    conflicting,
    [row('a', { amount: 1n, _id_conflict: false })],
    [],
    /accepted and is in no sealed partition/,
    1,
  ],
  'two contents of one id without a mark are found': [
    conflicting,
    [row('a', { amount: 1n }), row('a', { amount: 2n })],
    [],
    /of which 2 have no conflict mark/,
    0,
  ],
  'the second of two contents delivered twice is found': [
    conflicting,
    [
      row('a', { amount: 1n }),
      row('a', { amount: 2n, _id_conflict: true }),
      row('a', { amount: 2n, _id_conflict: true }),
    ],
    [],
    /and again in/,
    0,
  ],
  'an accepted event that is nowhere is lost': [
    [sent('a', 'accepted')],
    [],
    [],
    /accepted and is in no sealed partition/,
    1,
  ],
  'an event that is delivered twice is found': [
    [sent('a', 'accepted')],
    [row('a'), row('a')],
    [],
    /and again in/,
    0,
  ],
  'a refused event that is delivered is found': [
    [sent('a', 'refused', { reason: 'wrong_type' })],
    [row('a')],
    [listed('a', 'wrong_type')],
    /was refused and is in/,
    0,
  ],
  'a refused event that is not listed is lost': [
    [sent('a', 'refused', { reason: 'wrong_type' })],
    [],
    [],
    /refused and is not listed/,
    1,
  ],
  'a refused event listed with another reason is found': [
    [sent('a', 'refused', { reason: 'wrong_type', pointer: '/data/x' })],
    [],
    [listed('a', 'missing_field', '/data/x')],
    /is listed for missing_field/,
    0,
  ],
  'an event that nobody sent is found': [
    [],
    [row('ghost')],
    [],
    /was never sent/,
    0,
  ],
  'a refusal of an event that nobody sent is found': [
    [],
    [],
    [listed('ghost', 'wrong_type')],
    /listed as refused and was never sent/,
    0,
  ],
  'a value that changed on the way is found': [
    [sent('a', 'accepted', { data: { amount: 3 } })],
    [row('a', { amount: 4n })],
    [],
    /field amount is not what was sent/,
    0,
  ],
  'an event delivered to another type is lost and found': [
    [sent('a', 'accepted')],
    [{ ...row('a'), endpoint: 'shop.other' }],
    [],
    /was never sent/,
    1,
  ],
};

for (const [name, [journal, rows, refused, pattern, lost]] of Object.entries(
  flaws,
)) {
  test(name, () => {
    const result = compare(journal, rows, refused);
    assert.match(result.problems.join('\n'), pattern);
    assert.equal(result.lost, lost);
  });
}
