import fc from 'fast-check';
import { createReadBudget } from './readBudget';

describe('the read budget', () => {
  it('never lets more be read in the long run than its rate, whatever is read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1 }),
        async sizes => {
          let now = 0;
          const spend = createReadBudget({
            bytesPerSecond: 1_000,
            monotonicMs: () => now,
            pause: async ms => {
              now += ms;
            },
          });
          let read = 0;
          for (const size of sizes) {
            await spend(size);
            read += size;
          }
          // A second's worth may be read at once.
          expect(read).toBeLessThanOrEqual(1_000 * (now / 1_000 + 1) + 1e-6);
        },
      ),
    );
  });

  it('does not wait while less is read than it allows', async () => {
    let now = 0;
    let waited = 0;
    const spend = createReadBudget({
      bytesPerSecond: 1_000,
      monotonicMs: () => now,
      pause: async ms => {
        waited += ms;
      },
    });
    for (let second = 0; second < 10; second += 1) {
      await spend(900);
      now += 1_000;
    }
    expect(waited).toBe(0);
  });
});
