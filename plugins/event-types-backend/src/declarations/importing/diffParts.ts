import type {
  DeclarationPartDifference,
  EventType,
} from '@millrace/plugin-event-types-common';
import type { ParsedDeclaration } from '../../registry';

type Part = DeclarationPartDifference['part'];

const PARTS: readonly Part[] = [
  'description',
  'owner',
  'tier',
  'tags',
  'system',
  'retention',
  'expectedEventsPerDay',
];

/** What a declaration says otherwise than is registered, beside the schema. */
export function diffParts(
  registered: EventType,
  declaration: ParsedDeclaration,
): DeclarationPartDifference[] {
  const before = inWords(registered);
  const after = inWords({ ...declaration, ...declaration.details });
  return PARTS.flatMap(part =>
    before[part] === after[part]
      ? []
      : [
          {
            part,
            ...(before[part] !== undefined && { old: before[part] }),
            ...(after[part] !== undefined && { new: after[part] }),
          },
        ],
  );
}

function inWords(declared: Pick<EventType, Part>): {
  [part in Part]: string | undefined;
} {
  const { tags, expectedEventsPerDay } = declared;
  return {
    description: declared.description,
    owner: declared.owner,
    tier: declared.tier,
    tags: tags?.length ? tags.join(', ') : undefined,
    system: declared.system,
    retention: declared.retention,
    expectedEventsPerDay:
      expectedEventsPerDay === undefined
        ? undefined
        : String(expectedEventsPerDay),
  };
}
