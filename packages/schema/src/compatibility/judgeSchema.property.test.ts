import fc from 'fast-check';
import { avroOf, dataOf, RecordSpec } from '../__testUtils__/arbitraries';
import { arbitraryEvolution } from '../__testUtils__/evolutions';
import {
  findUnread,
  Party,
  partyOf,
  Unread,
} from '../__testUtils__/readOracle';
import { unlessRefused } from '../__testUtils__/refusals';
import { parseEventSchema } from '../avro';
import { EventSchema } from '../avro/types';
import { compileValidator } from '../validation';
import { diffSchemas } from './diffSchemas';
import { judgeSchema } from './judgeSchema';
import { uniteSchemas } from './uniteSchemas';
import { witnessOf } from './witnessOf';

/** Of schemas, each judged in both directions. More by the environment. */
const PAIRS = Number(process.env.MILLRACE_COMPATIBILITY_PAIRS ?? 2000);
const SEED = Number(process.env.MILLRACE_COMPATIBILITY_SEED ?? 20261121);
const VALUES_PER_SIDE = 3;

jest.setTimeout(1_800_000);

const valuesOf = (spec: RecordSpec) =>
  fc.array(dataOf(spec), {
    minLength: VALUES_PER_SIDE,
    maxLength: VALUES_PER_SIDE,
  });

const evolutionWithValues = arbitraryEvolution.chain(({ previous, next }) =>
  fc.record({
    previous: fc.constant(previous),
    next: fc.constant(next),
    oldValues: valuesOf(previous),
    newValues: valuesOf(next),
  }),
);

interface Side {
  party: Party;
  schema: EventSchema;
}

function sideOf(spec: RecordSpec): Side {
  return { party: partyOf(spec), schema: parseEventSchema(avroOf(spec)) };
}

describe('the verdict on generated pairs of schemas', () => {
  it('says compatible only when every value reads, and otherwise has a value that does not', () => {
    const seen = { compatible: 0, values: 0, breaks: 0 };
    const proofs = new Map<Unread, number>();

    /** What speaks against the verdict on a pair, in one direction. */
    const findDisagreements = (
      mode: 'backward' | 'forward',
      sides: { previous: Side; next: Side },
      values: unknown[],
    ): string[] => {
      const ignoresUnknown = mode === 'forward';
      const [writer, reader] = ignoresUnknown
        ? [sides.next, sides.previous]
        : [sides.previous, sides.next];
      const verdict = judgeSchema({
        previous: [{ version: 1, schema: sides.previous.schema }],
        next: sides.next.schema,
        mode,
      });
      const unreadAt = (data: unknown) =>
        findUnread(writer.party, reader.party, data, { ignoresUnknown });
      if (verdict.isCompatible) {
        seen.compatible += 1;
        seen.values += values.length;
        return values.flatMap(data => {
          const at = unreadAt(data);
          return at ? [`${mode}: does not read (${at})`] : [];
        });
      }
      const breaks = verdict.differences.filter(each => each.isBreaking);
      return breaks.flatMap(difference => {
        const witness = witnessOf(writer.schema, reader.schema, difference);
        const at = unreadAt(witness);
        seen.breaks += 1;
        proofs.set(at, (proofs.get(at) ?? 0) + 1);
        const about = `${mode}, ${difference.code}: the witness`;
        return [
          ...(writer.party.validate(witness).length
            ? [`${about} cannot be sent`]
            : []),
          ...(at ? [] : [`${about} reads`]),
        ];
      });
    };

    fc.assert(
      fc.property(evolutionWithValues, pair => {
        const sides = {
          previous: sideOf(pair.previous),
          next: sideOf(pair.next),
        };
        expect([
          ...findDisagreements('backward', sides, pair.oldValues),
          ...findDisagreements('forward', sides, pair.newValues),
        ]).toEqual([]);
      }),
      { numRuns: PAIRS, seed: SEED },
    );
    // Neither half may be empty, or nothing was shown.
    expect(seen.compatible).toBeGreaterThan(PAIRS / 4);
    expect(seen.breaks).toBeGreaterThan(PAIRS / 4);
    expect(proofs.get('gateway')).toBeGreaterThan(PAIRS / 20);
    if (process.env.MILLRACE_COMPATIBILITY_PAIRS) {
      const figures = { pairs: PAIRS, ...seen, ...Object.fromEntries(proofs) };
      process.stdout.write(`${JSON.stringify(figures)}\n`);
    }
  });

  it('unites versions into one schema that takes the events of all of them', () => {
    let taken = 0;
    fc.assert(
      fc.property(evolutionWithValues, pair => {
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
      { numRuns: Math.min(PAIRS, 500), seed: SEED },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
