import fc from 'fast-check';
import { RangeSet } from './rangeSet';

describe('RangeSet', () => {
  it('behaves as a set of integers', () => {
    const range = fc.tuple(fc.nat(60), fc.nat(8));
    fc.assert(
      fc.property(fc.array(range), ranges => {
        const ours = new RangeSet();
        const model = new Set<number>();
        for (const [from, length] of ranges) {
          ours.addRange(from, from + length);
          for (let value = from; value <= from + length; value++) {
            model.add(value);
          }
        }

        for (let value = -1; value < 72; value++) {
          expect(ours.has(value)).toBe(model.has(value));
        }
        const within = [...model].filter(each => each >= 10 && each <= 40);
        expect(ours.countWithin(10, 40)).toBe(within.length);
        ours.ranges.forEach(([from, to], at) => {
          expect(from).toBeLessThanOrEqual(to);
          // Neither overlapping nor touching: as few ranges as possible.
          expect(from).toBeGreaterThan((ours.ranges[at - 1]?.[1] ?? -9) + 1);
        });
      }),
    );
  });
});
