import * as fc from 'fast-check';
import { AddressLimit, networkOf } from './addressLimit';
import { RateLimit } from './rateLimit';

/** Requests of senders, with pauses between; the clock may be set back. */
const arrivals = (senders: number) =>
  fc.array(
    fc.record({
      sender: fc.nat(senders - 1),
      pauseMs: fc.integer({ min: 0, max: 400 }),
      amount: fc.integer({ min: 1, max: 12 }),
    }),
    { maxLength: 120 },
  );

interface Admitted {
  at: number;
  amount: number;
}

/** The most that any span of time holds, above what the limit allows. */
function excess(admitted: Admitted[], limit: RateLimit): number {
  let worst = -Infinity;
  admitted.forEach((first, from) => {
    let sum = 0;
    for (const { at, amount } of admitted.slice(from)) {
      sum += amount;
      const allowed = limit.burst + (limit.perSecond * (at - first.at)) / 1000;
      worst = Math.max(worst, sum - allowed);
    }
  });
  return worst;
}

describe('RateLimit', () => {
  it('never admits more than burst + rate × time, in any span', () => {
    fc.assert(
      fc.property(
        arrivals(1),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 30 }),
        (requests, perSecond, burst) => {
          const limit = new RateLimit(perSecond, burst);
          const admitted: Admitted[] = [];
          let at = 1_000_000;
          let state = 0;
          for (const { pauseMs, amount } of requests) {
            at += pauseMs;
            const { emptyAt, waitMs } = limit.admit(state, amount, at);
            state = emptyAt;
            if (waitMs === 0) {
              admitted.push({ at, amount });
            }
          }
          expect(excess(admitted, limit)).toBeLessThan(1e-3);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('admits after exactly the time it told, and not a bit earlier', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100 }),
        (perSecond, burst, wanted) => {
          const limit = new RateLimit(perSecond, burst);
          const amount = Math.min(wanted, burst);
          const full = limit.admit(0, burst, 0).emptyAt;
          const { waitMs } = limit.admit(full, amount, 0);
          expect(waitMs).toBeGreaterThan(0);
          expect(limit.admit(full, amount, waitMs - 0.5).waitMs).not.toBe(0);
          expect(limit.admit(full, amount, waitMs).waitMs).toBe(0);
        },
      ),
    );
  });

  it('says what remains, and that some amounts never come through', () => {
    const limit = new RateLimit(10, 100);
    const { emptyAt } = limit.admit(0, 60, 0);
    expect(limit.remaining(emptyAt, 0)).toBe(40);
    expect(limit.remaining(emptyAt, 1_000)).toBe(50);
    expect(limit.remaining(emptyAt, 60_000)).toBe(100);
    expect(limit.admit(0, 101, 0).waitMs).toBe(Infinity);
  });

  it('does not shut anybody out when the clock is set back', () => {
    const limit = new RateLimit(10, 100);
    const { emptyAt } = limit.admit(0, 100, 3_600_000);
    expect(limit.admit(emptyAt, 1, 0).waitMs).toBeCloseTo(100);
  });
});

describe('AddressLimit', () => {
  it('gives no address more than the limit, however many push for its place', () => {
    fc.assert(
      fc.property(
        arrivals(8),
        fc.integer({ min: 1, max: 6 }),
        (requests, maxTracked) => {
          const limit = new RateLimit(10, 20);
          const limits = new AddressLimit(limit, maxTracked);
          const admitted = new Map<number, Admitted[]>();
          let at = 1_000_000;
          for (const { sender, pauseMs, amount } of requests) {
            at += pauseMs;
            if (limits.admit(`10.0.0.${sender}`, amount, at) === 0) {
              const before = admitted.get(sender) ?? [];
              admitted.set(sender, [...before, { at, amount }]);
            }
            expect(limits.size).toBeLessThanOrEqual(maxTracked);
          }
          for (const each of admitted.values()) {
            expect(excess(each, limit)).toBeLessThan(1e-3);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not let a flood of addresses reset the count of one', () => {
    const limits = new AddressLimit(new RateLimit(1, 10), 100);
    expect(limits.admit('192.0.2.1', 10, 0)).toBe(0);
    for (let n = 0; n < 10_000; n++) {
      limits.admit(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, 1, 1);
    }
    expect(limits.size).toBe(100);
    expect(limits.admit('192.0.2.1', 5, 1)).toBeGreaterThan(4_000);
  });

  it('makes place once the others have been quiet', () => {
    const limits = new AddressLimit(new RateLimit(10, 10), 2);
    expect(limits.admit('10.0.0.1', 10, 0)).toBe(0);
    expect(limits.admit('10.0.0.2', 10, 0)).toBe(0);
    expect(limits.admit('10.0.0.3', 10, 0)).toBe(0);
    // The place is taken and the shared allowance used up.
    expect(limits.admit('10.0.0.4', 10, 0)).toBeGreaterThan(0);
    expect(limits.admit('10.0.0.4', 10, 1_000)).toBe(0);
    expect(limits.size).toBe(2);
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:0:1:aaaa::1', '2001:db8:0:1'],
    ['2001:0DB8::1:0:0:0:2', '2001:db8:0:1'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
  ])('takes %s for %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
