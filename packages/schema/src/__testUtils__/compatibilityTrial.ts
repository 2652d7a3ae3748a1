import fc from 'fast-check';
import { parseEventSchema } from '../avro';
import { EventSchema } from '../avro/types';
import { judgeSchema, witnessOf } from '../compatibility';
import { avroOf, dataOf, RecordSpec } from './arbitraries';
import { arbitraryEvolution, Evolution } from './evolutions';
import { findUnread, Party, partyOf, Unread } from './readOracle';

/*
 * One pair of schemas before the oracle: what the verdict says of it against
 * what happens to values that are written with one and read with the other.
 * The property test runs thousands of them, `npm run faults -- compatibility` as
 * many as one likes.
 */

const VALUES_PER_SIDE = 3;

/** Two schemas, the later made of the earlier, and events of both. */
export interface Pair extends Evolution {
  oldValues: unknown[];
  newValues: unknown[];
}

const valuesOf = (spec: RecordSpec) =>
  fc.array(dataOf(spec), {
    minLength: VALUES_PER_SIDE,
    maxLength: VALUES_PER_SIDE,
  });

export const arbitraryPair: fc.Arbitrary<Pair> = arbitraryEvolution.chain(
  ({ previous, next }) =>
    fc.record({
      previous: fc.constant(previous),
      next: fc.constant(next),
      oldValues: valuesOf(previous),
      newValues: valuesOf(next),
    }),
);

/** What trials have shown so far. */
export interface Tally {
  /** Verdicts: two for each pair. */
  compatible: number;
  incompatible: number;
  /** Values that had to read, and did. */
  values: number;
  /** Breaking differences whose witness had to be sent and not to read. */
  breaks: number;
  /** Where witnesses did not read. */
  unread: Map<Unread, number>;
}

export function createTally(): Tally {
  return {
    compatible: 0,
    incompatible: 0,
    values: 0,
    breaks: 0,
    unread: new Map(),
  };
}

interface Side {
  party: Party;
  schema: EventSchema;
}

function sideOf(spec: RecordSpec): Side {
  return { party: partyOf(spec), schema: parseEventSchema(avroOf(spec)) };
}

/**
 * Judges a pair in both directions and tries the verdicts.
 *
 * @param judge - what is on trial; another one shows that the trial can fail
 * @returns what speaks against the verdicts; nothing when they hold
 */
export function tryPair(
  pair: Pair,
  tally: Tally,
  judge: typeof judgeSchema = judgeSchema,
): string[] {
  const previous = sideOf(pair.previous);
  const next = sideOf(pair.next);
  return (['backward', 'forward'] as const).flatMap(mode => {
    const verdict = judge({
      previous: [{ version: 1, schema: previous.schema }],
      next: next.schema,
      mode,
    });
    const isForward = mode === 'forward';
    const [writer, reader] = isForward ? [next, previous] : [previous, next];
    const unreadAt = (data: unknown) =>
      findUnread(writer.party, reader.party, data, {
        ignoresUnknown: isForward,
      });
    if (verdict.isCompatible) {
      const values = isForward ? pair.newValues : pair.oldValues;
      tally.compatible += 1;
      tally.values += values.length;
      return values.flatMap(data => {
        const at = unreadAt(data);
        return at ? [`${mode}: compatible, and does not read (${at})`] : [];
      });
    }
    tally.incompatible += 1;
    const breaks = verdict.differences.filter(({ isBreaking }) => isBreaking);
    if (breaks.length === 0) {
      return [`${mode}: incompatible, and nothing breaks`];
    }
    return breaks.flatMap(difference => {
      const witness = witnessOf(writer.schema, reader.schema, difference);
      const about = `${mode}, ${difference.code}: the witness`;
      tally.breaks += 1;
      if (writer.party.validate(witness).length > 0) {
        return [`${about} cannot be sent`];
      }
      const at = unreadAt(witness);
      tally.unread.set(at, (tally.unread.get(at) ?? 0) + 1);
      return at ? [] : [`${about} reads`];
    });
  });
}
