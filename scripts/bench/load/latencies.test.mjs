import assert from 'node:assert/strict';
import test from 'node:test';
import { median, percentile, spread, summarize } from './latencies.mjs';

test('a percentile is a sample, by nearest rank', () => {
  const sorted = Array.from({ length: 200 }, (_, n) => n + 1);
  assert.equal(percentile(sorted, 0.5), 100);
  assert.equal(percentile(sorted, 0.99), 198);
  assert.equal(percentile(sorted, 1), 200);
  assert.equal(percentile([7], 0.999), 7);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});

test('samples are ordered by value and not as text', () => {
  assert.deepEqual(summarize([100, 9, 30, 8]), {
    count: 4,
    p50: 9,
    p90: 100,
    p99: 100,
    p999: 100,
    max: 100,
    mean: 36.75,
  });
});

test('one slow run of five does not move the median but shows in the spread', () => {
  assert.equal(median([10, 11, 2, 9, 10]), 10);
  assert.equal(spread([10, 11, 2, 9, 10]), 0.9);
  assert.equal(median([4, 1]), 2.5);
});
