import assert from 'node:assert/strict';
import test from 'node:test';
import { createSchedule } from './schedule.mjs';

const draw = (options, number) => {
  const next = createSchedule(options);
  return Array.from({ length: number }, next);
};

test('a fixed schedule is evenly spaced', () => {
  assert.deepEqual(
    draw({ perSecond: 200, arrival: 'fixed' }, 4),
    [0, 5, 10, 15],
  );
});

test('a Poisson schedule has the rate and the gaps of independent senders', () => {
  const number = 20_000;
  const due = draw({ perSecond: 1_000, arrival: 'poisson', seed: 7 }, number);
  const gaps = due.map((at, index) => at - (due[index - 1] ?? 0));
  const mean = due.at(-1) / number;
  assert.ok(mean > 0.95 && mean < 1.05, `mean gap ${mean} ms`);
  // Of exponential gaps, a share of 1/e is longer than the mean.
  const longer = gaps.filter(gap => gap > 1).length / number;
  assert.ok(longer > 0.35 && longer < 0.39, `${longer} are longer`);
});

test('the same seed gives the same schedule, another one another', () => {
  const of = seed => draw({ perSecond: 10, arrival: 'poisson', seed }, 5);
  assert.deepEqual(of(1), of(1));
  assert.notDeepEqual(of(1), of(2));
});
