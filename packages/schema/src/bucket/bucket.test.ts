import fc from 'fast-check';
import { SchemaError } from '../errors';
import { bucketEnd, bucketKey, bucketOf, parseBucketDuration } from './bucket';

const LENGTHS = Array.from({ length: 3600 }, (_, n) => n + 1).filter(
  seconds => 3600 % seconds === 0,
);

const instant = fc.date({
  min: new Date('1960-01-01T00:00:00Z'),
  max: new Date('2100-01-01T00:00:00Z'),
  noInvalidDate: true,
});

describe('buckets', () => {
  it('every instant falls into exactly one bucket, inside one hour', () => {
    fc.assert(
      fc.property(instant, fc.constantFrom(...LENGTHS), (at, seconds) => {
        const bucket = bucketOf(at, seconds);
        const end = bucketEnd(bucket);
        expect(bucket.start.getTime()).toBeLessThanOrEqual(at.getTime());
        expect(end.getTime()).toBeGreaterThan(at.getTime());
        expect(end.getTime() - bucket.start.getTime()).toBe(seconds * 1000);
        expect(bucketOf(bucket.start, seconds)).toEqual(bucket);
        expect(bucketOf(end, seconds).start).toEqual(end);
        const lastInstant = new Date(end.getTime() - 1);
        expect(lastInstant.toISOString().slice(0, 13)).toBe(
          bucketKey(bucket).slice(0, 13),
        );
      }),
    );
  });

  it.each([
    ['PT1H', 3600],
    ['PT60M', 3600],
    ['PT30M', 1800],
    ['PT1M', 60],
    ['PT90S', 90],
    ['PT10S', 10],
    ['PT1S', 1],
  ])('reads %s', (text, seconds) => {
    expect(parseBucketDuration(text)).toBe(seconds);
  });

  it.each(['', 'PT', 'PT0S', 'PT7M', 'PT2H', 'P1D', '1H', 'PT1.5M', 'pt1h'])(
    'refuses %p as a duration',
    text => {
      expect(() => parseBucketDuration(text)).toThrow(
        expect.objectContaining({ code: 'invalid_bucket_duration' }),
      );
    },
  );

  it('refuses an invalid date and a length that does not divide an hour', () => {
    expect(() => bucketOf(new Date(NaN), 60)).toThrow(SchemaError);
    expect(() => bucketOf(new Date(0), 7)).toThrow(SchemaError);
  });
});
