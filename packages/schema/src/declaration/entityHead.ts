import { isObject, appendPointer } from '../json/pointer';
import {
  DECLARED_TIERS,
  type DeclarationRuleProblem,
  type Ruled,
  ruleDescription,
  ruleEventsPerDay,
  ruleName,
  ruleOwner,
  ruleRetention,
  ruleSystem,
  ruleTags,
  ruleTier,
} from './rules';

/**
 * What people say about an event type beside its schema, its name and its tier.
 * What is left out was not said.
 *
 * @public
 */
export interface DeclarationDetails {
  /** Id of a retention class; the installation's default when left out. */
  retention?: string;
  expectedEventsPerDay?: number;
  tags?: string[];
  /** Canonical reference of the system it is part of. */
  system?: string;
}

/**
 * A declaration as code, without its schema.
 *
 * @public
 */
export interface EntityHead {
  name: string;
  description?: string;
  /** Canonical entity reference. */
  owner: string;
  tier: (typeof DECLARED_TIERS)[number];
  details: DeclarationDetails;
}

/** What `spec` may hold; anything else is passed over. @public */
export const SPEC_PROPERTIES: readonly string[] = [
  'owner',
  'tier',
  'system',
  'retention',
  'expectedEventsPerDay',
  'schema',
  // Written by the portal into its own entities.
  'version',
  'fieldCount',
];

/**
 * Reads a document of `kind: EventType`, but for its schema: the one rule by
 * which the portal takes declarations in and `millrace lint` checks them. Without
 * `spec.tier` the tier is normal.
 *
 * @param options - `retentionClasses` that there are, where they are known
 * @returns the head, unless there are problems
 * @public
 */
export function readEntityHead(
  entity: unknown,
  options: { retentionClasses?: readonly string[] } = {},
): Ruled<EntityHead> {
  const metadata = isObject(entity) ? entity.metadata : undefined;
  const spec = isObject(entity) ? entity.spec : undefined;
  if (!isObject(metadata) || !isObject(spec)) {
    return {
      problems: [['metadata', metadata] as const, ['spec', spec] as const]
        .filter(([, part]) => !isObject(part))
        .map(([key]) => ({
          code: 'missing_property',
          pointer: `/${key}`,
          message: `A declaration has an object \`${key}\``,
        })),
    };
  }
  const parts = {
    name: ruleName(metadata.name, '/metadata/name'),
    owner: ruleOwner(spec.owner, '/spec/owner'),
    tier: ruleTier(spec.tier ?? 'normal', '/spec/tier'),
    description: ruleDescription(metadata.description, '/metadata/description'),
    tags: ruleTags(metadata.tags, '/metadata/tags'),
    system: ruleSystem(spec.system, '/spec/system'),
    retention: ruleRetention(
      spec.retention,
      '/spec/retention',
      options.retentionClasses,
    ),
    expectedEventsPerDay: ruleEventsPerDay(
      spec.expectedEventsPerDay,
      '/spec/expectedEventsPerDay',
    ),
  };
  const problems: DeclarationRuleProblem[] = [
    ...namespaceProblems(metadata.namespace),
    ...Object.values(parts).flatMap(part => part.problems),
  ];
  const { name, owner, tier, description } = parts;
  if (
    problems.length > 0 ||
    name.value === undefined ||
    owner.value === undefined ||
    tier.value === undefined
  ) {
    return { problems };
  }
  return {
    problems,
    value: {
      name: name.value,
      ...(description.value !== undefined && {
        description: description.value,
      }),
      owner: owner.value,
      tier: tier.value,
      details: detailsOf({
        retention: parts.retention.value,
        expectedEventsPerDay: parts.expectedEventsPerDay.value,
        tags: parts.tags.value,
        system: parts.system.value,
      }),
    },
  };
}

/** Details without what was not said. @public */
export function detailsOf(given: {
  [key in keyof DeclarationDetails]: DeclarationDetails[key] | undefined;
}): DeclarationDetails {
  const { retention, expectedEventsPerDay, tags, system } = given;
  return {
    ...(retention !== undefined && { retention }),
    ...(expectedEventsPerDay !== undefined && { expectedEventsPerDay }),
    ...(tags !== undefined && tags.length > 0 && { tags }),
    ...(system !== undefined && { system }),
  };
}

/** Properties of `spec` that mean nothing: most likely typing errors. @public */
export function unknownSpecProperties(
  entity: unknown,
): DeclarationRuleProblem[] {
  const spec = isObject(entity) ? entity.spec : undefined;
  return isObject(spec)
    ? Object.keys(spec)
        .filter(key => !SPEC_PROPERTIES.includes(key))
        .map(key => ({
          code: 'unknown_property',
          pointer: appendPointer('/spec', key),
          message: `There is no such property; a declaration may have ${SPEC_PROPERTIES.slice(
            0,
            6,
          ).join(', ')}`,
        }))
    : [];
}

function namespaceProblems(namespace: unknown): DeclarationRuleProblem[] {
  return namespace === undefined ||
    namespace === null ||
    namespace === 'default'
    ? []
    : [
        {
          code: 'unsupported_namespace',
          pointer: '/metadata/namespace',
          message:
            "Event types are known by name alone, so they belong in the namespace 'default'",
        },
      ];
}
