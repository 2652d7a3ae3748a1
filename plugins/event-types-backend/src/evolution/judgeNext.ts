import type {
  CompatibilityMode,
  EventType,
  SchemaVerdict,
  VersionDifference,
} from '@millrace/plugin-event-types-common';
import {
  COMPATIBILITY_MODES,
  type EventSchema,
  type JudgedDifference,
  allowsDifferences,
  judgeDifferences,
  summarizeFields,
  witnessOf,
} from '@millrace/schema';
import type { ComparedVersion } from '../registry/compareWithVersions';

/** More examples than this are not looked at, and each has the size of an event. */
const MAX_EXAMPLES = 20;

const BACKWARD_RULES = new Set<string>([
  'unknown_field_refused',
  'value_missing',
  'value_not_accepted',
  'column_type_changed',
]);

/** What publishing a schema would do, but for who reads, and for privacy. */
export function judgeNext(options: {
  eventType: EventType;
  next: EventSchema;
  mode: CompatibilityMode;
  /** Every version, the newest first. */
  against: readonly ComparedVersion[];
}): Omit<SchemaVerdict, 'readers' | 'privacy'> {
  const { eventType, next, mode, against } = options;
  const { isCompatible, differences } = judgeDifferences(against, mode);
  const isSame = against[0]?.differences.length === 0;
  let outcome: SchemaVerdict['outcome'] = 'refused';
  if (isSame) {
    outcome = 'nothing';
  } else if (isCompatible) {
    outcome = 'new-version';
  }
  return {
    outcome,
    mode,
    ...(outcome === 'new-version' && { version: eventType.version + 1 }),
    problems: [],
    differences: withExamples(differences, next, mode, against),
    modes: COMPATIBILITY_MODES.map(each => ({
      mode: each,
      isCompatible: allowsDifferences(against, each),
    })),
    schema: next.avro,
    fields: summarizeFields(next),
  };
}

function withExamples(
  differences: readonly JudgedDifference[],
  next: EventSchema,
  mode: CompatibilityMode,
  against: readonly ComparedVersion[],
): VersionDifference[] {
  let examples = 0;
  return differences.map(difference => {
    const earlier = against.find(
      ({ version }) => version === difference.version,
    );
    if (!difference.isBreaking || !earlier || examples >= MAX_EXAMPLES) {
      return difference;
    }
    examples += 1;
    const isBackward =
      !mode.startsWith('forward') &&
      difference.breaks.some(rule => BACKWARD_RULES.has(rule));
    return {
      ...difference,
      example: isBackward
        ? witnessOf(earlier.schema, next, difference)
        : witnessOf(next, earlier.schema, difference),
    };
  });
}
