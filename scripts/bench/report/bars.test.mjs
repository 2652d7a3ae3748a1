import assert from 'node:assert/strict';
import test from 'node:test';
import { judgeBars } from './bars.mjs';

const met = (figures, bars) =>
  judgeBars(figures, bars).map(({ isMet }) => isMet);

test('a bar is met when it is reached, from above or from below', () => {
  assert.deepEqual(
    met(
      { speed: 10, slow: 9, wait: 5, long: 5.1 },
      {
        speed: { atLeast: 10 },
        slow: { atLeast: 10 },
        wait: { atMost: 5 },
        long: { atMost: 5 },
      },
    ),
    [true, false, true, false],
  );
});

test('a figure that was not measured misses its bar', () => {
  assert.deepEqual(
    met(
      { ratio: NaN },
      { ratio: { atMost: 2 }, missing: { atMost: 2 }, speed: { atLeast: 1 } },
    ),
    [false, false, false],
  );
});
