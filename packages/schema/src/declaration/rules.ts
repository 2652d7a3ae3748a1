import { SchemaError } from '../errors';
import { parseEventTypeName } from '../names';

/**
 * What can be wrong with a declaration beside its schema.
 *
 * - `missing_property`, `wrong_type`, `unknown_property`, `invalid_value`: the
 *   shape of the document.
 * - `invalid_event_type_name`: the name breaks the naming rule.
 * - `unsupported_namespace`: declared outside the namespace `default`.
 *
 * @public
 */
export type DeclarationRuleCode =
  | 'missing_property'
  | 'wrong_type'
  | 'unknown_property'
  | 'invalid_value'
  | 'invalid_event_type_name'
  | 'unsupported_namespace';

/**
 * Something wrong with a declaration, and where.
 *
 * @public
 */
export interface DeclarationRuleProblem {
  code: DeclarationRuleCode;
  /** RFC 6901 pointer into the declaration. */
  pointer: string;
  /** A sentence a person can act on. */
  message: string;
}

/**
 * What reading one part of a declaration gave: a value, problems, or neither
 * when the part is optional and not there.
 *
 * @public
 */
export interface Ruled<T> {
  value?: T;
  problems: DeclarationRuleProblem[];
}

/** @public */
export const DECLARED_TIERS = ['critical', 'normal', 'low'] as const;

/** @public */
export const MAX_DESCRIPTION_LENGTH = 4_000;
/** @public */
export const MAX_TAGS = 20;
/** A trillion: more than any pipe takes. @public */
export const MAX_EVENTS_PER_DAY = 1e12;

const MAX_TAG_LENGTH = 63;

function refused(
  code: DeclarationRuleCode,
  pointer: string,
  message: string,
): Ruled<never> {
  return { problems: [{ code, pointer, message }] };
}

const isMissing = (value: unknown) =>
  value === undefined || value === null || value === '';

/** The name of an event type. @public */
export function ruleName(value: unknown, pointer: string): Ruled<string> {
  if (isMissing(value)) {
    return refused('missing_property', pointer, 'The name is missing');
  }
  try {
    return { value: parseEventTypeName(value), problems: [] };
  } catch (error) {
    if (error instanceof SchemaError) {
      return refused('invalid_event_type_name', pointer, error.message);
    }
    throw error;
  }
}

/**
 * The owner as canonical entity reference; a bare name means a group in the
 * default namespace. Whether there is such an owner is not for this rule to say.
 *
 * @public
 */
export function ruleOwner(value: unknown, pointer: string): Ruled<string> {
  if (isMissing(value)) {
    return refused('missing_property', pointer, 'The owner is missing');
  }
  if (typeof value !== 'string') {
    return refused('wrong_type', pointer, 'The owner must be a string');
  }
  const ref = parseRef(value, 'group');
  return ref?.startsWith('group:') || ref?.startsWith('user:')
    ? { value: ref, problems: [] }
    : refused(
        'invalid_value',
        pointer,
        "The owner must be a group or user, such as 'group:default/webhooks'",
      );
}

/** The system of the catalog that the event type is part of. @public */
export function ruleSystem(value: unknown, pointer: string): Ruled<string> {
  if (isMissing(value)) {
    return { problems: [] };
  }
  const ref = typeof value === 'string' ? parseRef(value, 'system') : undefined;
  return ref?.startsWith('system:')
    ? { value: ref, problems: [] }
    : refused(
        'invalid_value',
        pointer,
        "The system must be a reference such as 'system:default/checkout'",
      );
}

/**
 * An entity reference `[kind:][namespace/]name` in the form Backstage writes it:
 * complete, and in lower case.
 */
function parseRef(text: string, defaultKind: string): string | undefined {
  const colon = text.indexOf(':');
  const slash = text.indexOf('/');
  const hasKind = colon !== -1 && (slash === -1 || colon < slash);
  const kind = hasKind ? text.slice(0, colon) : defaultKind;
  const rest = hasKind ? text.slice(colon + 1) : text;
  const at = rest.indexOf('/');
  const namespace = at === -1 ? 'default' : rest.slice(0, at);
  const name = rest.slice(at + 1);
  return [kind, namespace, name].every(isEntityName)
    ? `${kind}:${namespace}/${name}`.toLowerCase()
    : undefined;
}

function isEntityName(text: string): boolean {
  return (
    text.length <= 63 &&
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text) &&
    /[A-Za-z0-9]$/.test(text)
  );
}

/** The tier of an event type. @public */
export function ruleTier(
  value: unknown,
  pointer: string,
): Ruled<(typeof DECLARED_TIERS)[number]> {
  if (isMissing(value)) {
    return refused('missing_property', pointer, 'The tier is missing');
  }
  const tier = DECLARED_TIERS.find(candidate => candidate === value);
  return tier
    ? { value: tier, problems: [] }
    : refused(
        'invalid_value',
        pointer,
        `The tier must be one of ${DECLARED_TIERS.join(', ')}`,
      );
}

/**
 * The description, if there is one. It is text and is never taken for anything
 * else, so what is in it is its author's business.
 *
 * @public
 */
export function ruleDescription(
  value: unknown,
  pointer: string,
): Ruled<string> {
  if (isMissing(value)) {
    return { problems: [] };
  }
  if (typeof value !== 'string') {
    return refused('wrong_type', pointer, 'The description must be a string');
  }
  if (value.length > MAX_DESCRIPTION_LENGTH) {
    return refused(
      'invalid_value',
      pointer,
      `The description has ${value.length} characters; it may have ${MAX_DESCRIPTION_LENGTH}`,
    );
  }
  // Postgres cannot store this one character.
  if (value.includes('\0')) {
    return refused(
      'invalid_value',
      pointer,
      'The description must not contain NUL',
    );
  }
  return value.trim() === '' ? { problems: [] } : { value, problems: [] };
}

/**
 * The id of a retention class, if one is declared. Which classes there are is
 * the installation's word.
 *
 * @param classes - the ids there are; without them only the form is checked
 * @public
 */
export function ruleRetention(
  value: unknown,
  pointer: string,
  classes?: readonly string[],
): Ruled<string> {
  if (isMissing(value)) {
    return { problems: [] };
  }
  if (
    typeof value !== 'string' ||
    value.length > 63 ||
    !/^[a-z0-9][a-z0-9-]*$/.test(value)
  ) {
    return refused(
      'invalid_value',
      pointer,
      'The retention must be the id of a retention class: lower case letters, digits and -',
    );
  }
  return !classes || classes.includes(value)
    ? { value, problems: [] }
    : refused(
        'invalid_value',
        pointer,
        `There is no such retention class; choose one of ${classes.join(', ')}`,
      );
}

/** The expected events per day, if given. @public */
export function ruleEventsPerDay(
  value: unknown,
  pointer: string,
): Ruled<number> {
  if (isMissing(value)) {
    return { problems: [] };
  }
  return typeof value === 'number' &&
    Number.isSafeInteger(value) &&
    value > 0 &&
    value <= MAX_EVENTS_PER_DAY
    ? { value, problems: [] }
    : refused(
        typeof value === 'number' ? 'invalid_value' : 'wrong_type',
        pointer,
        `The expected events per day must be a whole number from 1 to ${MAX_EVENTS_PER_DAY}`,
      );
}

/** The tags, in the form the catalog takes. @public */
export function ruleTags(value: unknown, pointer: string): Ruled<string[]> {
  if (isMissing(value)) {
    return { problems: [] };
  }
  if (!Array.isArray(value)) {
    return refused('wrong_type', pointer, 'The tags must be a list');
  }
  if (value.length > MAX_TAGS) {
    return refused(
      'invalid_value',
      pointer,
      `There are ${value.length} tags; there may be ${MAX_TAGS}`,
    );
  }
  const problems = value.flatMap((tag, index): DeclarationRuleProblem[] =>
    isTag(tag) && value.indexOf(tag) === index
      ? []
      : [
          {
            code: 'invalid_value',
            pointer: `${pointer}/${index}`,
            message: isTag(tag)
              ? 'The tag is there twice'
              : `A tag has 1 to ${MAX_TAG_LENGTH} lower case letters, digits, + and #, in words joined by -`,
          },
        ],
  );
  if (problems.length > 0) {
    return { problems };
  }
  return value.length > 0 ? { value: [...value], problems } : { problems };
}

function isTag(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= MAX_TAG_LENGTH &&
    value.split('-').every(word => /^[a-z0-9+#]+$/.test(word))
  );
}
