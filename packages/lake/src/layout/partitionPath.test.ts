import fc from 'fast-check';
import { bucketOf } from '@millrace/schema';
import { parsePartitionPath, partitionPath } from './partitionPath';

const pathOf = (start: string, seconds: number, revision = 1) =>
  partitionPath(
    'shop.order_placed',
    { start: new Date(start), seconds },
    revision,
  );

describe('partitionPath', () => {
  it('names minutes and seconds only for buckets that need them', () => {
    expect(pathOf('2026-11-21T13:00:00Z', 3600)).toBe(
      'shop.order_placed/dt=2026-11-21/hh=13/r0001',
    );
    expect(pathOf('2026-11-21T13:05:00Z', 60, 12)).toBe(
      'shop.order_placed/dt=2026-11-21/hh=13/mi=05/r0012',
    );
    expect(pathOf('2026-11-21T13:05:10Z', 10)).toBe(
      'shop.order_placed/dt=2026-11-21/hh=13/mi=05/ss=10/r0001',
    );
  });

  it.each([
    ['../etc', '2026-11-21T13:00:00Z', 3600, 1],
    ['Shop', '2026-11-21T13:00:00Z', 3600, 1],
    ['shop', '2026-11-21T13:00:01Z', 3600, 1],
    ['shop', '2026-11-21T13:00:00Z', 7, 1],
    ['shop', '2026-11-21T13:00:00Z', 3600, 0],
    ['shop', '2026-11-21T13:00:00Z', 3600, 1.5],
    ['shop', 'never', 3600, 1],
  ])(
    'refuses %s, %s, %d s, revision %d',
    (endpoint, start, seconds, revision) => {
      expect(() =>
        partitionPath(endpoint, { start: new Date(start), seconds }, revision),
      ).toThrow();
    },
  );

  it('gives every bucket a path of its own that parses back', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('2020-01-01'),
          max: new Date('2100-01-01'),
          noInvalidDate: true,
        }),
        fc.constantFrom(1, 10, 60, 300, 1800, 3600),
        fc.integer({ min: 1, max: 9999 }),
        (at, seconds, revision) => {
          const bucket = bucketOf(at, seconds);
          expect(
            parsePartitionPath(partitionPath('a.b_c', bucket, revision)),
          ).toEqual({
            path: partitionPath('a.b_c', bucket, revision),
            endpoint: 'a.b_c',
            bucketStart: bucket.start,
            revision,
          });
        },
      ),
    );
  });
});
