import type { AdaptedEvent } from '../intake';
import {
  adapted,
  AdaptingProblem,
  mintId,
  problemOfText,
  textIn,
} from './adapting';
import { eventTypeOf } from './eventTypeOf';
import { isObject, JsonPart, memberOf, textOf } from './jsonPart';

/** A log record and what it was sent with. */
export interface SentLogRecord {
  resource?: JsonPart;
  scope?: JsonPart;
  logRecord: JsonPart;
}

/** Attributes that become part of the envelope. */
const EVENT_NAME = 'event.name';
const RECORD_ID = 'log.record.uid';

/** Members of `data` that do not come from attributes. */
const OWN_MEMBERS = ['body', 'otel'];

/** Each level of a value is three levels of OTLP: value, list or map, entry. */
const OTLP_LEVELS = 3;

/**
 * Makes a CloudEvent of one log record: its event name is the event type, each
 * attribute a member of `data`, the body `data.body`, and what OpenTelemetry
 * says about the record and its origin `data.otel`.
 */
export function mapLogRecord(
  sent: SentLogRecord,
  options: { maxEventDepth: number },
): AdaptedEvent {
  const { value: record } = sent.logRecord;
  if (!isObject(record)) {
    return {
      value: {},
      raw: sentTextOf(sent),
      problem: {
        reason: 'unmapped',
        message: 'A log record must be a JSON object',
      },
    };
  }
  const textProblem = findTextProblem(sent, options.maxEventDepth);
  if (textProblem?.reason === 'too_deep') {
    // What follows recurses.
    return { value: {}, raw: sentTextOf(sent), problem: textProblem };
  }
  const problems: AdaptingProblem[] = textProblem ? [textProblem] : [];
  const {
    [EVENT_NAME]: nameAttribute,
    [RECORD_ID]: id,
    ...rest
  } = readAttributes(record.attributes, problems);
  const resource = readAttributes(
    isObject(sent.resource?.value) ? sent.resource.value.attributes : undefined,
    problems,
  );
  const name = textIn(record.eventName) ?? textIn(nameAttribute);
  const type = name === undefined ? undefined : eventTypeOf(name);
  const service = textIn(resource['service.name']) ?? 'unknown_service';
  const { body } = record;

  const value = {
    specversion: '1.0',
    id: textIn(id) ?? mintId(),
    source: `/otel/${service}`,
    ...(type !== undefined && { type }),
    time: timeOf(record.timeUnixNano) ?? timeOf(record.observedTimeUnixNano),
    data: {
      ...rest,
      ...(isPresent(body) && { body: readValue(body, problems) }),
      otel: describe(record, resource, sent.scope?.value),
    },
  };
  for (const member of OWN_MEMBERS) {
    if (Object.hasOwn(rest, member)) {
      problems.push({
        reason: 'duplicate_name',
        pointer: `/data/${member}`,
        message: `An attribute is called '${member}', a name that holds what OpenTelemetry says about the record`,
      });
    }
  }
  return adapted(
    value,
    () => sentTextOf(sent),
    problems[0],
    type === undefined ? unmapped(name) : undefined,
  );
}

function sentTextOf({ resource, scope, logRecord }: SentLogRecord): string {
  return `{"resource":${textOf(resource)},"scope":${textOf(
    scope,
  )},"logRecord":${textOf(logRecord)}}`;
}

/**
 * Looks at what becomes `data`. The record's own numbers are left out: some
 * exporters write nanoseconds as a number, which loses a few of them.
 */
function findTextProblem(
  { resource, logRecord }: SentLogRecord,
  maxEventDepth: number,
): AdaptingProblem | undefined {
  for (const part of [
    memberOf(logRecord, 'attributes'),
    memberOf(logRecord, 'body'),
    resource,
  ]) {
    const problem = part && problemOfText(part, maxEventDepth * OTLP_LEVELS);
    if (problem) {
      return problem;
    }
  }
  return undefined;
}

function unmapped(name: string | undefined): AdaptingProblem {
  return {
    reason: 'unmapped',
    pointer: '/eventName',
    message:
      name === undefined
        ? 'The log record has no event name, so it has no event type'
        : 'The event name gives no event type: it must have letters a to z, digits and 3 to 63 characters',
  };
}

/** What is known of the record beside what the application wanted to say. */
function describe(
  record: Record<string, unknown>,
  resource: Record<string, unknown>,
  scope: unknown,
): Record<string, unknown> {
  const { severityNumber, severityText, traceId, spanId, flags } = record;
  const { name, version } = isObject(scope) ? scope : {};
  return present({
    severityNumber,
    severityText,
    traceId,
    spanId,
    flags,
    resource,
    scope: present({ name, version }),
  });
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function present(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => isPresent(value)),
  );
}

/** A list of keys and values as an object. */
function readAttributes(
  list: unknown,
  problems: AdaptingProblem[],
): Record<string, unknown> {
  const values = new Map<string, unknown>();
  for (const entry of Array.isArray(list) ? list : []) {
    const key = isObject(entry) ? entry.key : undefined;
    if (typeof key !== 'string') {
      problems.push({
        reason: 'invalid_value',
        message: 'An attribute has a key, which is a text',
      });
    } else if (values.has(key)) {
      problems.push({
        reason: 'duplicate_name',
        message: 'Two attributes beside each other have the same key',
      });
    } else {
      values.set(key, readValue(entry.value, problems));
    }
  }
  return Object.fromEntries(values);
}

/**
 * An OTLP value as plain JSON. 64-bit integers may come as text, which is how
 * JSON keeps their digits; one that a JSON number cannot hold stays a text.
 */
function readValue(value: unknown, problems: AdaptingProblem[]): unknown {
  if (!isObject(value)) {
    return null;
  }
  if (value.intValue !== undefined) {
    const number = Number(value.intValue);
    return Number.isSafeInteger(number) ? number : value.intValue;
  }
  if (isObject(value.arrayValue)) {
    const { values } = value.arrayValue;
    return Array.isArray(values)
      ? values.map(item => readValue(item, problems))
      : [];
  }
  if (isObject(value.kvlistValue)) {
    return readAttributes(value.kvlistValue.values, problems);
  }
  return (
    value.stringValue ??
    value.boolValue ??
    value.doubleValue ??
    value.bytesValue ??
    null
  );
}

const NANOS_PER_MICRO = 1_000n;
const MICROS_PER_SECOND = 1_000_000n;

/** Nanoseconds since 1970 as RFC 3339, to the microsecond; 0 is "not known". */
function timeOf(nanos: unknown): string | undefined {
  const text = typeof nanos === 'number' ? String(nanos) : nanos;
  if (
    typeof text !== 'string' ||
    !/^\d{1,20}$/.test(text) ||
    /^0+$/.test(text)
  ) {
    return undefined;
  }
  const micros = BigInt(text) / NANOS_PER_MICRO;
  const date = new Date(Number(micros / MICROS_PER_SECOND) * 1_000);
  const fraction = String(micros % MICROS_PER_SECOND).padStart(6, '0');
  return date.toISOString().replace(/\.\d+Z$/, `.${fraction}Z`);
}
