import { BackOff } from './backOff';

const at = (ms: number) => new Date(ms);

describe('BackOff', () => {
  it('doubles the wait up to five minutes and forgets it after a success', () => {
    const backOff = new BackOff(() => 1);
    expect(backOff.isWaiting('a', at(0))).toBe(false);
    const delays = Array.from({ length: 12 }, () => backOff.failed('a', at(0)));
    expect(delays.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(delays[11]).toBe(300_000);
    expect(backOff.isWaiting('a', at(299_999))).toBe(true);
    expect(backOff.isWaiting('a', at(300_000))).toBe(false);
    expect(backOff.isWaiting('b', at(0))).toBe(false);
    backOff.succeeded('a');
    expect(backOff.isWaiting('a', at(0))).toBe(false);
    expect(backOff.failed('a', at(0))).toBe(1000);
  });

  it('does not hold a bucket back that failed while the clock was years ahead', () => {
    const backOff = new BackOff(() => 1);
    backOff.failed('a', at(1e12));
    expect(backOff.isWaiting('a', at(1e12 + 1))).toBe(true);
    expect(backOff.isWaiting('a', at(1))).toBe(false);
  });
});
