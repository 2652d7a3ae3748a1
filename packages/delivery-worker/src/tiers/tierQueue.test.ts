import fc from 'fast-check';
import { Tier } from '@millrace/ledger';
import { TierQueue, TURNS_PER_AGED } from './tierQueue';

const NEVER = Infinity;

function taken<T>(queue: TierQueue<T>, nowMs: number = 0): T[] {
  const items: T[] = [];
  for (let item = queue.take(nowMs); item; item = queue.take(nowMs)) {
    items.push(item);
  }
  return items;
}

describe('TierQueue', () => {
  it('gives critical before normal before low, and within a tier who came first', () => {
    const queue = new TierQueue<string>();
    const add = (item: string, tier: Tier) =>
      queue.add(item, { tier, oldFromMs: NEVER });
    add('low 1', 'low');
    add('normal 1', 'normal');
    add('critical 1', 'critical');
    add('normal 2', 'normal');
    add('critical 2', 'critical');
    expect(taken(queue)).toEqual([
      'critical 1',
      'critical 2',
      'normal 1',
      'normal 2',
      'low 1',
    ]);
  });

  it('starves nobody: what has grown old gets one turn in eight, the oldest first', () => {
    const queue = new TierQueue<string>();
    queue.add('low', { tier: 'low', oldFromMs: 5 });
    queue.add('older normal', { tier: 'normal', oldFromMs: 3 });
    queue.add('young normal', { tier: 'normal', oldFromMs: 1_000 });
    const order: string[] = [];
    for (let n = 0; n < 5 * TURNS_PER_AGED; n++) {
      // A flood of critical work that never ends, itself overdue.
      queue.add('critical', { tier: 'critical', oldFromMs: -1 });
      order.push(queue.take(10) ?? '');
    }
    const others = order.filter(item => item !== 'critical');
    expect(others).toEqual(['older normal', 'low']);
    expect(order.indexOf('low')).toBeLessThan(2 * TURNS_PER_AGED);
  });

  it('loses nothing, gives nothing twice, and lets old work wait for a bounded number of turns', () => {
    const arrivals = fc.array(
      fc.record({
        tier: fc.constantFrom<Tier>('critical', 'normal', 'low'),
        oldFromMs: fc.integer({ min: 0, max: 100 }),
      }),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(arrivals, urgencies => {
        const queue = new TierQueue<number>();
        urgencies.forEach((urgency, n) => queue.add(n + 1, urgency));
        const order = taken(queue, 100);
        expect([...order].sort((a, b) => a - b)).toEqual(
          urgencies.map((_, n) => n + 1),
        );
        // All are old: so of any eight turns in a row one is not the first
        // tier's, while another tier waits.
        const tierAt = order.map(n => urgencies[n - 1].tier);
        for (let from = 0; from + TURNS_PER_AGED <= order.length; from++) {
          const turns = tierAt.slice(from, from + TURNS_PER_AGED);
          const waits = tierAt.slice(from).some(tier => tier !== 'critical');
          expect(waits && turns.every(tier => tier === 'critical')).toBe(false);
        }
      }),
    );
  });
});
