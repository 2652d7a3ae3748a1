import { Tier } from '@millrace/ledger';
import { createTierLimit } from './tierLimit';
import { TURNS_PER_AGED } from './tierQueue';

const settled = () => new Promise(resolve => setImmediate(resolve));

describe('a limit by tier', () => {
  it('runs no more than it may, and gives the next turn to the most critical', async () => {
    const limit = createTierLimit({ maxRunning: 2, oldAfterMs: Infinity });
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const run = (name: string, tier: Tier) =>
      limit(tier, async () => {
        order.push(name);
        await new Promise<void>(resolve => ends.push(resolve));
      });
    const all = [
      run('first', 'low'),
      run('second', 'low'),
      run('low', 'low'),
      run('normal', 'normal'),
      run('critical', 'critical'),
    ];
    await settled();
    expect(order).toEqual(['first', 'second']);
    for (let ended = 0; ended < all.length; ended++) {
      ends[ended]();
      await settled();
    }
    await Promise.all(all);
    expect(order).toEqual(['first', 'second', 'critical', 'normal', 'low']);
  });

  it('lets a low task through a flood of critical ones that never ends', async () => {
    let nowMs = 0;
    const limit = createTierLimit({
      maxRunning: 1,
      oldAfterMs: 10,
      monotonicMs: () => (nowMs += 1),
    });
    let turns = 0;
    let isFlooding = true;
    const turn = async () => {
      turns += 1;
      await settled();
    };
    const flood = async () => {
      while (isFlooding) {
        await limit('critical', turn);
      }
    };
    const floods = [flood(), flood(), flood()];
    await settled();
    const before = turns;
    await limit('low', async () => {
      isFlooding = false;
    });
    await Promise.all(floods);
    // Ten ticks until it is old, and then its turn of eight.
    expect(turns - before).toBeLessThan(10 + 2 * TURNS_PER_AGED);
    expect(turns - before).toBeGreaterThanOrEqual(TURNS_PER_AGED - 2);
  });

  it('goes on after a task has failed', async () => {
    const limit = createTierLimit({ maxRunning: 1, oldAfterMs: 1 });
    const failing = limit('normal', async () => {
      throw new Error('no');
    });
    const next = limit('normal', async () => 'done');
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('done');
  });
});
