import { defaultLatenessObjectivesMs } from './objectives';

describe('defaultLatenessObjectivesMs', () => {
  it.each([3600, 60, 10])(
    'is stricter the more critical the tier, for buckets of %d s',
    seconds => {
      const { critical, normal, low } = defaultLatenessObjectivesMs(seconds);
      expect(critical).toBeLessThan(normal);
      expect(normal).toBeLessThan(low);
    },
  );

  it('leaves short buckets the time that closing one always takes', () => {
    expect(defaultLatenessObjectivesMs(10).critical).toBe(30_000);
    expect(defaultLatenessObjectivesMs(3600).critical).toBe(900_000);
  });
});
