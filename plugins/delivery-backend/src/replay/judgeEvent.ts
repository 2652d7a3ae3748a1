import type { SnapshotEventType } from '@millrace/ledger';
import {
  compileValidator,
  type EventValidator,
  parseEventSchema,
} from '@millrace/schema';
import { isJsonObject, isRaw, type JsonNode, parseJsonTree } from './jsonTree';
import { formatPointer } from './pointers';

/** What a gateway would say of an event. */
export type Verdict =
  | { kind: 'accepted' }
  | { kind: 'refused'; reason: string; pointer?: string; message: string };

/**
 * Judges the text of an event as a gateway with these event types does: the same
 * rules in the same order. The gateway has the last word; that both agree is
 * tested in `replay.integration.test.ts`.
 */
export type Judge = (text: string) => Verdict;

/** The gateway's default limits. */
const MAX_EVENT_BYTES = 1024 * 1024;
const MAX_EVENT_DEPTH = 64;
const MAX_NAMES = 50_000;

/** Compiles the schema of a type when its first event comes. */
export function createJudge(eventTypes: SnapshotEventType[]): Judge {
  const types = new Map(eventTypes.map(type => [type.name, type]));
  const validators = new Map<string, EventValidator>();

  function validatorOf(type: SnapshotEventType): EventValidator {
    const known = validators.get(type.name);
    const validate = known ?? compileValidator(parseEventSchema(type.schema));
    validators.set(type.name, validate);
    return validate;
  }

  return text => {
    const tree = parseJsonTree(text);
    if (tree === undefined) {
      return refused('invalid_json', undefined, 'The event is not valid JSON');
    }
    const problem =
      findBoundProblem(text, tree) ??
      findHazard(tree) ??
      findEnvelopeProblem(tree);
    if (problem) {
      return problem;
    }
    // As any reader gets it, with numbers as numbers.
    const event: { type: string; data: unknown } = JSON.parse(text);
    const type = types.get(event.type);
    if (!type) {
      return refused(
        'event_type_unknown',
        '/type',
        'No event type of this name is registered',
      );
    }
    const [first] = validatorOf(type)(event.data);
    return first
      ? refused(first.code, first.pointer, first.message)
      : { kind: 'accepted' };
  };
}

function refused(
  reason: string,
  pointer: string | undefined,
  message: string,
): Verdict {
  return { kind: 'refused', reason, pointer, message };
}

function findBoundProblem(text: string, tree: JsonNode): Verdict | undefined {
  if (Buffer.byteLength(text) > MAX_EVENT_BYTES) {
    return refused(
      'event_too_large',
      undefined,
      `The event has more than ${MAX_EVENT_BYTES} bytes`,
    );
  }
  return depthOf(tree) > MAX_EVENT_DEPTH
    ? refused(
        'too_deep',
        undefined,
        `The event is nested more than ${MAX_EVENT_DEPTH} levels deep`,
      )
    : undefined;
}

function depthOf(node: JsonNode): number {
  if (Array.isArray(node) || isJsonObject(node)) {
    return 1 + Math.max(0, ...Object.values(node).map(depthOf));
  }
  return 0;
}

/** What breaks readers, or is read differently by different ones. */
function findHazard(root: JsonNode): Verdict | undefined {
  let names = 0;

  function look(
    node: JsonNode,
    at: string[],
    parentName: string | undefined,
  ): Verdict | undefined {
    if (typeof node === 'string') {
      return /\p{Cs}/u.test(node)
        ? refused(
            'invalid_text',
            formatPointer(at),
            'The text at this place is not well-formed Unicode',
          )
        : undefined;
    }
    if (isRaw(node)) {
      return losesDigits(node.rawJSON)
        ? refused(
            'number_out_of_range',
            formatPointer(at),
            'The number at this place cannot be kept exactly; send it as text',
          )
        : undefined;
    }
    if (Array.isArray(node)) {
      return firstOf(node.entries(), ([index, inner]) =>
        look(inner, [...at, String(index)], undefined),
      );
    }
    if (!isJsonObject(node)) {
      return undefined;
    }
    return firstOf(Object.entries(node), ([name, inner]) => {
      names += 1;
      if (names > MAX_NAMES) {
        return refused(
          'event_too_large',
          '',
          `The objects of the event have more than ${MAX_NAMES} names`,
        );
      }
      if (/\p{Cs}/u.test(name)) {
        return refused(
          'invalid_text',
          formatPointer(at),
          'The object at this place has a name that is not well-formed Unicode',
        );
      }
      if (
        name === '__proto__' ||
        (name === 'prototype' && parentName === 'constructor')
      ) {
        return refused(
          'forbidden_name',
          formatPointer(name === 'prototype' ? at.slice(0, -1) : at),
          'The object at this place has a name that is not allowed',
        );
      }
      return look(inner, [...at, name], name);
    });
  }
  return look(root, [], undefined);
}

function firstOf<T>(
  items: Iterable<T>,
  find: (item: T) => Verdict | undefined,
): Verdict | undefined {
  for (const item of items) {
    const found = find(item);
    if (found) {
      return found;
    }
  }
  return undefined;
}

/** Whether the number, as a double, is another one. */
function losesDigits(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) {
    return true;
  }
  if (/^-?\d+$/.test(text)) {
    return BigInt(text) !== BigInt(value);
  }
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');
  return digits.length > 17 || (value === 0 && digits !== '');
}

const REQUIRED_TEXTS = [
  ['id', 256],
  ['source', 1024],
  ['type', 200],
] as const;
const CHECKED_ATTRIBUTES = new Set(
  'specversion id source type time producer epoch sequence datacontenttype data data_base64'.split(
    ' ',
  ),
);
const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** CloudEvents 1.0.2, JSON format, as the gateway reads it. */
function findEnvelopeProblem(tree: JsonNode): Verdict | undefined {
  const problem = (pointer: string, message: string) =>
    refused('invalid_envelope', pointer, message);
  if (!isJsonObject(tree)) {
    return problem('', 'The event must be a JSON object');
  }
  const has = (name: string) => tree[name] !== undefined && tree[name] !== null;
  if (tree.specversion !== '1.0') {
    return problem('/specversion', "'specversion' must be '1.0'");
  }
  for (const [name, max] of REQUIRED_TEXTS) {
    if (!isName(tree[name], max)) {
      return problem(
        `/${name}`,
        `'${name}' is required: a text of 1 to ${max} characters without control characters`,
      );
    }
  }
  for (const name of ['producer', 'epoch']) {
    if (has(name) && !isName(tree[name], 200)) {
      return problem(
        `/${name}`,
        `'${name}' must be a text of 1 to 200 characters without control characters`,
      );
    }
  }
  if (has('sequence') && !isSequence(tree.sequence)) {
    return problem('/sequence', "'sequence' must be an integer from 0");
  }
  if (has('time') && !isTimestamp(tree.time)) {
    return problem(
      '/time',
      "'time' must be an RFC 3339 date and time with an offset, for example 2026-01-31T12:00:00Z",
    );
  }
  if (has('datacontenttype') && !isJsonType(tree.datacontenttype)) {
    return problem('/datacontenttype', "'datacontenttype' must be JSON");
  }
  if (has('data_base64')) {
    return problem('/data_base64', "Send 'data' as JSON, not 'data_base64'");
  }
  if (!isJsonObject(tree.data)) {
    return problem('/data', "'data' is required: a JSON object");
  }
  for (const [name, value] of Object.entries(tree)) {
    if (CHECKED_ATTRIBUTES.has(name)) {
      continue;
    }
    if (!/^[a-z0-9]{1,64}$/.test(name)) {
      return problem(
        '',
        'The event has an attribute that CloudEvents does not allow: names are lower case letters and digits',
      );
    }
    if (Array.isArray(value) || isJsonObject(value)) {
      return problem(
        `/${name}`,
        `'${name}' must not be an object or a list; put it into 'data'`,
      );
    }
  }
  return undefined;
}

function isName(value: JsonNode | undefined, maxLength: number): boolean {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= maxLength &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
  );
}

function isSequence(value: JsonNode): boolean {
  if (typeof value === 'string') {
    return /^\d{1,15}$/.test(value);
  }
  const number = isRaw(value) ? Number(value.rawJSON) : value;
  return Number.isSafeInteger(number) && Number(number) >= 0;
}

function isTimestamp(value: JsonNode): boolean {
  const match = typeof value === 'string' ? TIMESTAMP.exec(value) : null;
  if (!match) {
    return false;
  }
  const [year, month, day] = match.slice(1, 4).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isJsonType(value: JsonNode): boolean {
  return (
    typeof value === 'string' &&
    /^[\w.+-]+\/(json|[\w.-]+\+json)\s*(;|$)/i.test(value)
  );
}
