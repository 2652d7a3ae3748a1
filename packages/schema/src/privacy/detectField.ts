import type { SemanticType } from './semanticTypes';
import {
  ADDRESS_RECORDS,
  IDENTIFIER_ENDINGS,
  LINK_ENDINGS,
  NAME_RULES,
  type NameRule,
  NO_ACTORS,
  OWN_IDENTIFIERS,
  PERSON_ROLES,
  PERSONS,
  type PrivacyConfidence,
  SETTING_RECORDS,
  type Surroundings,
  type ValueKind,
  WRITING_RECORDS,
} from './nameRules';
import { tokensOf } from './tokens';
import { contradicts, formOfValues, looksWritten } from './values';

/** A phrase of a rule. */
interface Candidate {
  rule: NameRule;
  phrase: readonly string[];
}

/**
 * The phrases by their last word, in the order of the rules: of hundreds, a name
 * meets the few that end as it does.
 */
const CANDIDATES: ReadonlyMap<string, readonly Candidate[]> = (() => {
  const byEnd = new Map<string, Candidate[]>();
  for (const rule of NAME_RULES) {
    for (const text of rule.phrases) {
      const phrase = text.split(' ');
      const end = phrase[phrase.length - 1];
      byEnd.set(end, [...(byEnd.get(end) ?? []), { rule, phrase }]);
    }
  }
  return byEnd;
})();

/** What is known about a field when it is judged. */
export interface FieldTraits {
  /** The key in the event. */
  name: string;
  kind: ValueKind;
  /**
   * Names of the record the field is in: its own, and those of the fields that
   * hold it. Empty for the event itself.
   */
  recordNames: readonly string[];
  /** Texts found in the field in samples. Never part of an answer. */
  values?: readonly string[];
}

/** What a field probably is, and why. */
export interface Detection {
  semanticType: SemanticType;
  confidence: PrivacyConfidence;
  /** A sentence that repeats no value. */
  reason: string;
}

/**
 * Tells whether a field probably holds something about a person, by its name,
 * the record it is in, its type and, where there are samples, its values.
 *
 * The cost is bounded by the length of the name and the number of values.
 */
export function detectField(field: FieldTraits): Detection | undefined {
  const byName = detectByName(field);
  const values = field.kind === 'text' ? field.values ?? [] : [];
  const form = formOfValues(values);
  if (form) {
    const isConfirmed = byName?.semanticType === form.semanticType;
    const isMany = form.matching >= 3;
    return {
      semanticType: form.semanticType,
      confidence: isConfirmed && isMany ? 'certain' : 'likely',
      reason: `${form.matching} of ${form.of} sample values are ${form.words}`,
    };
  }
  if (byName && contradicts(values, byName.semanticType)) {
    return {
      ...byName,
      confidence: 'possible',
      reason: `${byName.reason}, but no sample value looks like it`,
    };
  }
  if (looksWritten(values)) {
    const isExpected = byName?.semanticType === 'free-text';
    if (!byName || isExpected) {
      return {
        semanticType: 'free-text',
        confidence: isExpected ? 'likely' : 'possible',
        reason: 'most sample values are sentences',
      };
    }
  }
  return byName;
}

function detectByName(field: FieldTraits): Detection | undefined {
  const tokens = tokensOf(field.name);
  if (tokens.length === 0) {
    return undefined;
  }
  const around = surroundingsOf(field.recordNames);
  if (around.has('setting')) {
    return undefined;
  }
  return (
    detectOwnOfPerson(tokens, field.kind, around) ??
    detectByRules(tokens, field, around) ??
    detectReference(tokens, field.kind)
  );
}

/** `id`, `name` and `html_url` of a `user`. */
function detectOwnOfPerson(
  tokens: readonly string[],
  kind: ValueKind,
  around: ReadonlySet<Surroundings>,
): Detection | undefined {
  if (!around.has('person')) {
    return undefined;
  }
  const last = tokens[tokens.length - 1];
  const isAlone = tokens.length === 1;
  const isNode = tokens.length === 2 && tokens[0] === 'node';
  if (isNumbered(kind) && OWN_IDENTIFIERS.has(last) && (isAlone || isNode)) {
    return likely('person-id', 'it identifies the person the record is about');
  }
  if (isAlone && kind === 'text' && last === 'name') {
    return likely('name', 'it names the person the record is about');
  }
  if (kind === 'text' && LINK_ENDINGS.has(last) && !isImage(tokens)) {
    return likely('person-id', 'it leads to the person the record is about');
  }
  return undefined;
}

function isImage(tokens: readonly string[]): boolean {
  return tokens.some(token =>
    ['avatar', 'gravatar', 'photo', 'picture', 'image'].includes(token),
  );
}

function detectByRules(
  tokens: readonly string[],
  field: FieldTraits,
  around: ReadonlySet<Surroundings>,
): Detection | undefined {
  let weak: Detection | undefined;
  for (const candidate of CANDIDATES.get(tokens[tokens.length - 1]) ?? []) {
    const { rule, phrase } = candidate;
    if (!fits(candidate, tokens, field)) {
      continue;
    }
    const isWithin = rule.within?.surroundings.some(each => around.has(each));
    const confidence =
      (isWithin ? rule.within?.confidence : undefined) ?? rule.confidence;
    const found: Detection = {
      semanticType: rule.semanticType,
      confidence,
      reason: `'${phrase.join(' ')}' in its name${
        isWithin ? ', in a record that is about it' : ''
      }`,
    };
    if (confidence !== 'possible') {
      return found;
    }
    weak ??= found;
  }
  return detectReference(tokens, field.kind) ?? weak;
}

function fits(
  { rule, phrase }: Candidate,
  tokens: readonly string[],
  field: FieldTraits,
): boolean {
  const start = tokens.length - phrase.length;
  if (
    start < 0 ||
    !rule.kinds.includes(field.kind) ||
    phrase.some((word, at) => tokens[start + at] !== word)
  ) {
    return false;
  }
  // The record says what a bare word is about: the `address` of a `server`.
  const before =
    start > 0 ? tokens.slice(0, start) : field.recordNames.flatMap(tokensOf);
  return !before.some(word => rule.not?.has(word));
}

/** `customer_id`, `assignee`, `created_by`, `customer_name`. */
function detectReference(
  tokens: readonly string[],
  kind: ValueKind,
): Detection | undefined {
  const last = tokens[tokens.length - 1];
  const before = tokens[tokens.length - 2];
  if (
    before !== undefined &&
    (PERSONS.has(before) || PERSON_ROLES.has(before))
  ) {
    if (last === 'name' && kind === 'text') {
      return likely('name', `it names a person: ${before}`);
    }
    if (IDENTIFIER_ENDINGS.has(last) && isNumbered(kind)) {
      return likely('person-id', `it identifies a person: ${before}`);
    }
  }
  const actor = detectActor(tokens, kind);
  if (actor || last === 'by') {
    return actor;
  }
  if (PERSONS.has(last)) {
    return kind === 'text'
      ? likely('person-id', `it names a person: ${last}`)
      : describesPerson(last, kind);
  }
  if (PERSON_ROLES.has(last) && kind === 'text') {
    return {
      semanticType: 'person-id',
      confidence:
        last === 'author' || last === 'sender' ? 'likely' : 'possible',
      reason: `it may name a person: ${last}`,
    };
  }
  return undefined;
}

/** `created_by` and `created_by_id`. */
function detectActor(
  tokens: readonly string[],
  kind: ValueKind,
): Detection | undefined {
  const isId = IDENTIFIER_ENDINGS.has(tokens[tokens.length - 1]);
  const by = tokens.length - (isId ? 2 : 1);
  const act = tokens[by - 1];
  const isAct = tokens[by] === 'by' && act !== undefined && !NO_ACTORS.has(act);
  return isAct && isNumbered(kind)
    ? likely('person-id', `it says by whom something was ${act}`)
    : undefined;
}

function describesPerson(word: string, kind: ValueKind): Detection | undefined {
  return kind === 'any'
    ? likely('free-text', `it holds JSON about a person: ${word}`)
    : undefined;
}

function likely(semanticType: SemanticType, reason: string): Detection {
  return { semanticType, confidence: 'likely', reason };
}

function isNumbered(kind: ValueKind): boolean {
  return kind === 'text' || kind === 'integer';
}

function isMergeRequest(tokens: readonly string[]): boolean {
  const [kind, request] = tokens.slice(-2);
  return request === 'request' && (kind === 'pull' || kind === 'merge');
}

/** What a record is about, by the last word of any of its names. */
function surroundingsOf(
  recordNames: readonly string[],
): ReadonlySet<Surroundings> {
  const found = new Set<Surroundings>();
  for (const name of recordNames) {
    const tokens = tokensOf(name);
    const head = tokens[tokens.length - 1];
    if (PERSONS.has(head) || PERSON_ROLES.has(head)) {
      found.add('person');
    } else if (tokens.some(token => ADDRESS_RECORDS.has(token))) {
      found.add('address');
    }
    if (WRITING_RECORDS.has(head) || isMergeRequest(tokens)) {
      found.add('writing');
    }
    if (SETTING_RECORDS.has(head)) {
      found.add('setting');
    }
  }
  return found;
}
