import type {
  EventTypeVersion,
  VersionDiff,
  VersionDifference,
} from '@millrace/plugin-event-types-common';
import {
  type DifferenceCode,
  allowsDifferences,
  diffSchemas,
  judgeDifferences,
  parseEventSchema,
} from '@millrace/schema';

type Group =
  | 'added'
  | 'removed'
  | 'changed'
  | 'documentation'
  | 'semanticTypes';

const GROUPS: Partial<Record<DifferenceCode, Group>> = {
  field_added: 'added',
  required_field_added: 'added',
  field_removed: 'removed',
  became_required: 'changed',
  became_optional: 'changed',
  field_type_widened: 'changed',
  field_type_narrowed: 'changed',
  field_type_changed: 'changed',
  enum_symbols_added: 'changed',
  enum_symbols_removed: 'changed',
  documentation_changed: 'documentation',
  semantic_type_changed: 'semanticTypes',
};

/** Compares two versions in both directions, and sorts what differs. */
export function toVersionDiff(
  from: EventTypeVersion,
  to: EventTypeVersion,
): VersionDiff {
  const against = [
    {
      version: from.version,
      differences: diffSchemas(
        parseEventSchema(from.schema),
        parseEventSchema(to.schema),
      ),
    },
  ];
  const { differences } = judgeDifferences(against, 'full');
  const inGroup = (group: Group | undefined): VersionDifference[] =>
    differences.filter(({ code }) => GROUPS[code] === group);
  return {
    from,
    to,
    isBackward: allowsDifferences(against, 'backward'),
    isForward: allowsDifferences(against, 'forward'),
    added: inGroup('added'),
    removed: inGroup('removed'),
    changed: inGroup('changed'),
    documentation: inGroup('documentation'),
    semanticTypes: inGroup('semanticTypes'),
    other: inGroup(undefined),
  };
}
