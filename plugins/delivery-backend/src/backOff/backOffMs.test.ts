import { backOffMs } from './backOffMs';

const OPTIONS = { minMs: 200, maxMs: 10_000 };

describe('backOffMs', () => {
  it('doubles from 200 ms to 10 s', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map(failures =>
      backOffMs(failures, () => 0.999999999, OPTIONS),
    );
    expect(waits).toEqual([
      200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000,
    ]);
  });

  it('draws from the upper half, however often it has failed', () => {
    for (let failures = 1; failures <= 2000; failures += 1) {
      const most = backOffMs(failures, () => 1, OPTIONS);
      for (const chance of [0, 0.3, 0.999]) {
        const wait = backOffMs(failures, () => chance, OPTIONS);
        expect(wait).toBeGreaterThanOrEqual(most / 2);
        expect(wait).toBeLessThanOrEqual(most);
      }
      expect(most).toBeLessThanOrEqual(OPTIONS.maxMs);
    }
  });
});
