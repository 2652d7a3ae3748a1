import { EventSchema } from '../avro/types';
import { diffSchemas } from './diffSchemas';
import {
  CompatibilityMode,
  Direction,
  directionsOf,
  isTransitive,
} from './modes';
import {
  CompatibilityVerdict,
  DifferenceCode,
  JudgedDifference,
  RULE_DIRECTIONS,
  RuleCode,
  SchemaDifference,
} from './types';

/**
 * A version that a schema may have to be compatible with.
 *
 * @public
 */
export interface EarlierVersion {
  version: number;
  schema: EventSchema;
}

const REASONS: Record<RuleCode, string> = {
  unknown_field_refused:
    'Producers that still send it would be refused: a gateway takes only what the schema describes',
  value_missing:
    'Events of earlier versions need not hold it, and nothing is filled in for them',
  value_not_accepted: 'Some values that earlier versions take would be refused',
  missing_for_earlier_reader:
    'Readers of earlier versions rely on a value that new events need not hold',
  too_wide_for_earlier_reader:
    'Readers of earlier versions would meet values that they do not know',
  column_type_changed:
    'Partitions of both versions would no longer read as one table',
};

const NEW_MAJOR = 'make a new major version';

const ADVICE: Partial<Record<DifferenceCode, string>> = {
  required_field_added: 'Add it as optional',
  field_removed: `Keep it, as optional, and say in its description that it is no longer sent; or ${NEW_MAJOR}`,
  became_required: `Leave it optional; or ${NEW_MAJOR}`,
  became_optional:
    'Leave it required, or add an optional field beside it that takes its place',
  field_type_widened: `Keep the type, or add an optional field of the wider type beside it; or ${NEW_MAJOR}`,
  field_type_narrowed: 'Keep the wider type',
  field_type_changed: `Add an optional field of the new type beside it, and stop sending this one later; or ${NEW_MAJOR}`,
  enum_symbols_added: `Tell readers first and let them ignore what they do not know, or use a string; or ${NEW_MAJOR}`,
  enum_symbols_removed:
    'Keep the symbols, and say in the description that they are no longer sent',
};

/**
 * Judges whether a schema may follow earlier versions of it.
 *
 * With a mode that is not transitive only the newest earlier version counts.
 *
 * @param previous - in any order; none is compatible with everything
 * @public
 */
export function judgeSchema(options: {
  previous: readonly EarlierVersion[];
  next: EventSchema;
  mode: CompatibilityMode;
}): CompatibilityVerdict {
  const { previous, next, mode } = options;
  const newestFirst = [...previous].sort((a, b) => b.version - a.version);
  return judgeDifferences(
    newestFirst.map(({ version, schema }) => ({
      version,
      differences: diffSchemas(schema, next),
    })),
    mode,
  );
}

/**
 * What differs from one earlier version.
 *
 * @public
 */
export interface ComparedDifferences {
  version: number;
  differences: readonly SchemaDifference[];
}

/**
 * The same with the differences at hand, so that several modes can be judged
 * for the price of one.
 *
 * @param against - the newest version first
 * @public
 */
export function judgeDifferences(
  against: readonly ComparedDifferences[],
  mode: CompatibilityMode,
): CompatibilityVerdict {
  const directions = directionsOf(mode);
  const [newest, ...older] = against;
  const differences: JudgedDifference[] = newest
    ? newest.differences.map(difference =>
        judge(difference, newest.version, directions),
      )
    : [];
  if (isTransitive(mode)) {
    const told = new Set(
      differences.filter(({ isBreaking }) => isBreaking).map(keyOf),
    );
    for (const { version, differences: found } of older) {
      for (const difference of found) {
        if (isBroken(difference, directions) && !told.has(keyOf(difference))) {
          told.add(keyOf(difference));
          differences.push(judge(difference, version, directions));
        }
      }
    }
  }
  return {
    mode,
    isCompatible: differences.every(({ isBreaking }) => !isBreaking),
    differences,
  };
}

/**
 * Whether {@link judgeDifferences} would say compatible, and nothing else: it
 * stops at the first break and makes no words, so that every mode can be asked
 * about hundreds of versions.
 *
 * @param against - the newest version first
 * @public
 */
export function allowsDifferences(
  against: readonly ComparedDifferences[],
  mode: CompatibilityMode,
): boolean {
  const directions = directionsOf(mode);
  const looksAt = isTransitive(mode) ? against : against.slice(0, 1);
  return looksAt.every(({ differences }) =>
    differences.every(difference => !isBroken(difference, directions)),
  );
}

function judge(
  difference: SchemaDifference,
  version: number,
  directions: readonly Direction[],
): JudgedDifference {
  const broken = difference.breaks.filter(rule => counts(rule, directions));
  const isBreaking = broken.length > 0;
  return {
    ...difference,
    version,
    isBreaking,
    ...(isBreaking && {
      reason: broken.map(rule => REASONS[rule]).join('. '),
      advice: ADVICE[difference.code],
    }),
  };
}

function isBroken(
  { breaks }: SchemaDifference,
  directions: readonly Direction[],
): boolean {
  return breaks.some(rule => counts(rule, directions));
}

function counts(rule: RuleCode, directions: readonly Direction[]): boolean {
  return RULE_DIRECTIONS[rule].some(direction =>
    directions.includes(direction),
  );
}

function keyOf({ code, pointer }: SchemaDifference): string {
  return `${code} ${pointer}`;
}
