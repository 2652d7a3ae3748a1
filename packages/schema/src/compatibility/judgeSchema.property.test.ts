import fc from 'fast-check';
import { avroOf } from '../__testUtils__/arbitraries';
import {
  arbitraryPair,
  createTally,
  tryPair,
} from '../__testUtils__/compatibilityTrial';
import { unlessRefused } from '../__testUtils__/refusals';
import { parseEventSchema } from '../avro';
import { compileValidator } from '../validation';
import { diffSchemas } from './diffSchemas';
import {
  allowsDifferences,
  judgeDifferences,
  judgeSchema,
} from './judgeSchema';
import { COMPATIBILITY_MODES } from './modes';
import { uniteSchemas } from './uniteSchemas';

/** Of schemas, each judged in both directions; more by `npm run faults`. */
const PAIRS = 2000;
const SEED = 20261121;

jest.setTimeout(600_000);

describe('the verdict on generated pairs of schemas', () => {
  it('says compatible only when every value reads, and otherwise has a value that does not', () => {
    const tally = createTally();
    fc.assert(
      fc.property(arbitraryPair, pair => {
        expect(tryPair(pair, tally)).toEqual([]);
      }),
      { numRuns: PAIRS, seed: SEED },
    );
    // Neither half may be empty, or nothing was shown.
    expect(tally.compatible).toBeGreaterThan(PAIRS / 4);
    expect(tally.breaks).toBeGreaterThan(PAIRS / 4);
    expect(tally.unread.get('gateway')).toBeGreaterThan(PAIRS / 20);
  });

  it.each<[string, typeof judgeSchema]>([
    [
      'lets everything pass',
      ({ mode }) => ({ mode, isCompatible: true, differences: [] }),
    ],
    [
      'lets nothing pass that differs',
      options => {
        const verdict = judgeSchema(options);
        const differences = verdict.differences.map(difference => ({
          ...difference,
          isBreaking: true,
        }));
        const isCompatible = differences.length === 0;
        return { ...verdict, isCompatible, differences };
      },
    ],
    [
      'takes one direction for the other',
      options =>
        judgeSchema({
          ...options,
          mode: options.mode === 'forward' ? 'backward' : 'forward',
        }),
    ],
  ])('is contradicted where it %s', (_, judge) => {
    const pairs = fc.sample(arbitraryPair, { numRuns: 300, seed: SEED });
    const against = pairs.flatMap(pair => tryPair(pair, createTally(), judge));
    expect(against.length).toBeGreaterThan(30);
  });

  it('is the same in short, for every mode, over several versions', () => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(arbitraryPair, arbitraryPair, (one, other) => {
        const [oldest, older, next] = [one.previous, one.next, other.next].map(
          spec => parseEventSchema(avroOf(spec)),
        );
        const against = [
          { version: 2, differences: diffSchemas(older, next) },
          { version: 1, differences: diffSchemas(oldest, older) },
        ];
        for (const mode of COMPATIBILITY_MODES) {
          const { isCompatible } = judgeDifferences(against, mode);
          seen.add(isCompatible);
          expect(allowsDifferences(against, mode)).toBe(isCompatible);
        }
      }),
      { numRuns: 200, seed: SEED },
    );
    expect(seen.size).toBe(2);
  });

  it('unites versions into one schema that takes the events of all of them', () => {
    let taken = 0;
    fc.assert(
      fc.property(arbitraryPair, pair => {
        const previous = parseEventSchema(avroOf(pair.previous));
        const next = parseEventSchema(avroOf(pair.next));
        const united = unlessRefused(() => uniteSchemas([next, previous]));
        fc.pre(united !== undefined);
        const validate = compileValidator(united);
        const differences = diffSchemas(previous, next);
        const keepsColumns = differences.every(
          ({ code }) => code !== 'field_type_changed',
        );
        const values = keepsColumns
          ? [...pair.oldValues, ...pair.newValues]
          : pair.newValues;
        taken += keepsColumns ? 1 : 0;
        expect(values.flatMap(validate)).toEqual([]);
        const isSafe = differences.every(({ breaks }) => breaks.length === 0);
        expect(isSafe ? united : next).toBe(next);
      }),
      { numRuns: 500, seed: SEED },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
