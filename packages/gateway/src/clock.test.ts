import fc from 'fast-check';
import { ManualClock } from './__testUtils__/manualClock';
import { createReceiveClock } from './clock';

const HOUR_MS = 3_600_000;
const YEARS_MS = 5 * 365 * 24 * HOUR_MS;
const START = Date.parse('2026-11-21T12:00:00Z');

describe('the receive clock', () => {
  let clock: ManualClock;
  const create = () => {
    clock = new ManualClock(START);
    return createReceiveClock(clock);
  };

  it('follows the time of the system through small corrections', () => {
    const receive = create();
    clock.advance(1_000);
    expect(receive.now()).toBe(START + 1_000);
    clock.setBack(-300);
    expect(receive.now()).toBe(START + 1_300);
    clock.setBack(200);
    expect(receive.now()).toBe(START + 1_300);
    clock.advance(1_000);
    expect(receive.now()).toBe(START + 2_100);
  });

  it.each([
    ['two hours ahead', 2 * HOUR_MS],
    ['two hours back', -2 * HOUR_MS],
    ['five years ahead', YEARS_MS],
  ])('goes on as before when the system jumps %s', (_, jumpMs) => {
    const receive = create();
    expect(receive.now()).toBe(START);
    clock.setBack(-jumpMs);
    clock.advance(10_000);
    expect(receive.now()).toBe(START + 10_000);
    clock.setBack(jumpMs);
    expect(receive.now()).toBe(START + 10_000);
  });

  it('goes on when the time of the system stands still', () => {
    const receive = create();
    for (let second = 0; second < 60; second += 1) {
      clock.advance(1_000);
      clock.setBack(1_000);
      receive.now();
    }
    expect(receive.now()).toBe(START + 60_000);
  });

  it('follows a jump that the ledger says is right, when it says so twice', () => {
    const receive = create();
    expect(receive.now()).toBe(START);
    clock.setBack(-HOUR_MS);
    receive.compare(START + HOUR_MS, 10);
    expect(receive.now()).toBe(START);
    clock.advance(2_000);
    receive.compare(START + HOUR_MS + 2_000, 10);
    expect(receive.now()).toBe(START + HOUR_MS + 2_000);
  });

  it('takes no answer for right that another contradicts, nor one that took long', () => {
    const receive = create();
    receive.now();
    receive.compare(START + YEARS_MS, 10);
    receive.compare(START, 10);
    receive.compare(START + YEARS_MS, 10);
    receive.compare(START + YEARS_MS, 1_001);
    expect(receive.now()).toBe(START);
  });

  it('begins with the time of the ledger where that of the system is wrong', () => {
    const receive = create();
    receive.compare(START - 2 * HOUR_MS, 10);
    expect(receive.now()).toBe(START - 2 * HOUR_MS + 5);
    clock.advance(1_000);
    expect(receive.now()).toBe(START - 2 * HOUR_MS + 1_005);
    expect(receive.aheadMs).toBe(0);
  });

  it('stands still while it is ahead of what turns out to be right, and says by how much', () => {
    const receive = create();
    expect(receive.now()).toBe(START);
    const right = START - 60_000;
    receive.compare(right, 0);
    receive.compare(right, 0);
    expect(receive.aheadMs).toBe(60_000);
    clock.advance(30_000);
    expect(receive.now()).toBe(START);
    receive.compare(right + 30_000, 0);
    expect(receive.aheadMs).toBe(30_000);
    clock.advance(31_000);
    expect(receive.now()).toBe(right + 61_000);
  });

  it('never goes back, whatever it is told, and is never far from the ledger for long', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ advance: fc.integer({ min: 0, max: 10_000 }) }),
            fc.record({
              jump: fc.constantFrom(-YEARS_MS, -HOUR_MS, -4_000, 900, HOUR_MS),
            }),
            fc.record({ hear: fc.boolean() }),
          ),
          { maxLength: 60 },
        ),
        steps => {
          const receive = create();
          const right = () => clock.steadyMs();
          receive.compare(right(), 0);
          let last = receive.now();
          for (const step of steps) {
            if ('advance' in step) {
              clock.advance(step.advance);
            } else if ('jump' in step) {
              clock.setBack(-step.jump);
            } else if (step.hear) {
              receive.compare(right(), 0);
            }
            const now = receive.now();
            expect(now).toBeGreaterThanOrEqual(last);
            // Believed corrections, and what may have drifted since.
            expect(Math.abs(now - right())).toBeLessThanOrEqual(11_000);
            last = now;
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
