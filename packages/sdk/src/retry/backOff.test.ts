import fc from 'fast-check';
import { VirtualClock } from '../__testUtils__/virtualClock';
import { BackOff } from './backOff';
import { parseRetryAfter } from './retryAfter';

describe('BackOff', () => {
  it('never waits less than asked, nor more than asked plus the maximum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.nat(60_000), { nil: undefined }), {
          minLength: 1,
          maxLength: 80,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, chance) => {
          const clock = new VirtualClock();
          const backOff = new BackOff({
            initialDelayMs: 100,
            maxDelayMs: 30_000,
            clock,
            random: () => chance,
          });
          failures.forEach((retryAfterMs, n) => {
            const asked = retryAfterMs ?? 0;
            const delay = backOff.failed({ retryAfterMs });
            expect(delay).toBeGreaterThanOrEqual(asked);
            expect(delay).toBeLessThanOrEqual(
              asked + Math.min(30_000, 100 * 2 ** n) + 1,
            );
            expect(backOff.nextAt).toBeGreaterThanOrEqual(clock.now() + asked);
          });
          backOff.succeeded();
          expect(backOff.nextAt).toBeLessThan(clock.now());
        },
      ),
    );
  });

  it('waits at least half the maximum when a retry alone will not help', () => {
    const backOff = new BackOff({
      initialDelayMs: 1,
      maxDelayMs: 30_000,
      clock: new VirtualClock(),
      random: () => 0,
    });

    expect(backOff.failed({ isLasting: true })).toBe(15_000);
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');

  it.each([
    [null, undefined],
    ['3', 3000],
    ['0.5', 500],
    ['Sat, 21 Nov 2026 12:00:07 GMT', 7000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('reads %j as %j', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});
