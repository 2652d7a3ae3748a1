import { latenessObjectiveMs } from './objective';

describe('latenessObjectiveMs', () => {
  it.each([3600, 60, 10])(
    'is stricter the more critical the tier, for buckets of %d s',
    seconds => {
      const critical = latenessObjectiveMs('critical', seconds);
      const normal = latenessObjectiveMs('normal', seconds);
      const low = latenessObjectiveMs('low', seconds);
      expect(critical).toBeLessThan(normal);
      expect(normal).toBeLessThan(low);
    },
  );

  it('leaves short buckets the time that closing one always takes', () => {
    expect(latenessObjectiveMs('critical', 10)).toBe(30_000);
    expect(latenessObjectiveMs('critical', 3600)).toBe(900_000);
  });
});
