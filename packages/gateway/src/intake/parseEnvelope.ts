/** What judging an event needs of its envelope. */
export interface Envelope {
  type: string;
  data: object;
}

/** What is wrong with an envelope. Holds no value of it. */
export interface EnvelopeProblem {
  pointer: string;
  message: string;
}

export const MAX_ID_LENGTH = 256;
export const MAX_SOURCE_LENGTH = 1024;
export const MAX_NAME_LENGTH = 200;
const REQUIRED_TEXTS = [
  ['id', MAX_ID_LENGTH],
  ['source', MAX_SOURCE_LENGTH],
  ['type', MAX_NAME_LENGTH],
] as const;
/** Attributes with a rule of their own. */
const CHECKED_ATTRIBUTES = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'producer',
  'epoch',
  'sequence',
  'datacontenttype',
  'data',
  'data_base64',
]);
const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Checks one event against CloudEvents 1.0.2 (JSON format) and takes from it
 * what gateways need. Other attributes the specification allows, such as
 * `subject` or extensions, stay with the event.
 */
export function parseEnvelope(
  value: unknown,
): { envelope: Envelope } | { problem: EnvelopeProblem } {
  if (!isObject(value)) {
    return problem('', 'The event must be a JSON object');
  }
  if (value.specversion !== '1.0') {
    return problem('/specversion', "'specversion' must be '1.0'");
  }
  for (const [name, max] of REQUIRED_TEXTS) {
    if (!isName(value[name], max)) {
      return problem(
        `/${name}`,
        `'${name}' is required: a text of 1 to ${max} characters without control characters`,
      );
    }
  }
  for (const name of ['producer', 'epoch'] as const) {
    if (isPresent(value[name]) && !isName(value[name], MAX_NAME_LENGTH)) {
      return problem(
        `/${name}`,
        `'${name}' must be a text of 1 to ${MAX_NAME_LENGTH} characters without control characters`,
      );
    }
  }
  if (isPresent(value.sequence) && !isSequence(value.sequence)) {
    return problem('/sequence', "'sequence' must be an integer from 0");
  }
  if (isPresent(value.time) && !isTimestamp(value.time)) {
    return problem(
      '/time',
      "'time' must be an RFC 3339 date and time with an offset, for example 2026-01-31T12:00:00Z",
    );
  }
  if (isPresent(value.datacontenttype) && !isJsonType(value.datacontenttype)) {
    return problem('/datacontenttype', "'datacontenttype' must be JSON");
  }
  if (isPresent(value.data_base64)) {
    return problem('/data_base64', "Send 'data' as JSON, not 'data_base64'");
  }
  if (!isObject(value.data)) {
    return problem('/data', "'data' is required: a JSON object");
  }
  for (const name of Object.keys(value)) {
    if (CHECKED_ATTRIBUTES.has(name)) {
      continue;
    }
    if (!/^[a-z0-9]{1,64}$/.test(name)) {
      return problem(
        '',
        'The event has an attribute that CloudEvents does not allow: names are lower case letters and digits',
      );
    }
    if (typeof value[name] === 'object' && isPresent(value[name])) {
      return problem(
        `/${name}`,
        `'${name}' must not be an object or a list; put it into 'data'`,
      );
    }
  }
  return { envelope: { type: String(value.type), data: value.data } };
}

/** What can be said about an event whose envelope may be broken. */
export function describeEvent(value: unknown): {
  id?: string;
  source?: string;
  type?: string;
} {
  const { id, source, type } = isObject(value) ? value : {};
  return {
    id: isName(id, MAX_ID_LENGTH) ? id : undefined,
    source: isName(source, MAX_SOURCE_LENGTH) ? source : undefined,
    type: isName(type, MAX_NAME_LENGTH) ? type : undefined,
  };
}

function problem(pointer: string, message: string) {
  return { problem: { pointer, message } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** CloudEvents in JSON: an attribute that is null is absent. */
function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isName(value: unknown, maxLength: number): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= maxLength &&
    // Control characters, and halves of surrogate pairs.
    !/[\p{Cc}\p{Cs}]/u.test(value)
  );
}

/** The CloudEvents sequence extension is a text; our own SDK sends a number. */
function isSequence(value: unknown): boolean {
  return typeof value === 'string'
    ? /^\d{1,15}$/.test(value)
    : Number.isSafeInteger(value) && Number(value) >= 0;
}

function isTimestamp(value: unknown): boolean {
  const match = typeof value === 'string' ? TIMESTAMP.exec(value) : null;
  if (!match) {
    return false;
  }
  const [year, month, day] = match.slice(1, 4).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isJsonType(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^[\w.+-]+\/(json|[\w.-]+\+json)\s*(;|$)/i.test(value)
  );
}
