import assert from 'node:assert/strict';
import test from 'node:test';
import { linesOf } from './figures.mjs';

const sent = (id, receivedAt, more = {}) => ({
  type: 'shop.order',
  source: '/shop',
  id,
  data: { n: 1 },
  gateway: 'g-1',
  receivedAt: `2026-11-21T${receivedAt}Z`,
  outcome: 'accepted',
  ...more,
});

test('the first copy is delivered, the others are duplicates of the bucket they came in', () => {
  const { lines, gateways } = linesOf(
    [
      sent('a', '10:00:01'),
      sent('a', '10:00:02'),
      sent('b', '10:00:09', { gateway: 'g-2' }),
      sent('a', '11:00:11'),
      sent('c', '10:00:05', { outcome: 'refused' }),
    ],
    10,
  );
  assert.deepEqual(lines, {
    'shop.order bucket 2026-11-21T10:00:00.000Z': {
      accepted: 3,
      delivered: 2,
      duplicates: 1,
      refused: 0,
    },
    'shop.order hour 2026-11-21T10:00:00.000Z': {
      accepted: 3,
      delivered: 2,
      duplicates: 1,
      refused: 0,
    },
    'shop.order day 2026-11-21T00:00:00.000Z': {
      accepted: 4,
      delivered: 2,
      duplicates: 2,
      refused: 0,
    },
    'shop.order bucket 2026-11-21T11:00:10.000Z': {
      accepted: 1,
      delivered: 0,
      duplicates: 1,
      refused: 0,
    },
    'shop.order hour 2026-11-21T11:00:00.000Z': {
      accepted: 1,
      delivered: 0,
      duplicates: 1,
      refused: 0,
    },
  });
  assert.deepEqual(gateways, {
    'shop.order 2026-11-21T10:00:00.000Z': { 'g-1': 2, 'g-2': 1 },
    'shop.order 2026-11-21T11:00:10.000Z': { 'g-1': 1 },
  });
});

test('an event with other content is another one, and one that was spoilt is refused', () => {
  const { lines } = linesOf(
    [
      sent('a', '10:00:01'),
      sent('a', '10:00:02', { data: { n: 2 } }),
      sent('b', '10:00:03', { spoilt: true }),
    ],
    10,
  );
  assert.deepEqual(lines['shop.order bucket 2026-11-21T10:00:00.000Z'], {
    accepted: 3,
    delivered: 2,
    duplicates: 0,
    refused: 1,
  });
});
