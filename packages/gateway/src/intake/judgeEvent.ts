import { createHash } from 'node:crypto';
import type { SnapshotWriteKey } from '@millrace/ledger';
import { parseEventTypeName, RefusedEvent } from '@millrace/schema';
import { EventReason } from '../errors';
import { GatewayLimits } from '../options';
import { Batch } from '../publishing';
import { AcceptedEventType, GatewaySnapshot } from '../snapshot';
import { cutText, EventText } from './eventText';
import { inspectJson } from './inspectJson';
import { describeEvent, Envelope, parseEnvelope } from './parseEnvelope';
import { peekEnvelope } from './peekEnvelope';
import { measureJson } from './skipValue';

/** Of all objects of an event together. */
const MAX_NAMES = 20_000;

/** A refusal before it is known when it was received. */
export type Refusal = Omit<RefusedEvent, 'receivedAt'>;

/** The gateway's judgement of one event, and the batch that then took it. */
export type Judgement = (
  | { kind: 'accepted'; eventType: AcceptedEventType; text: EventText }
  | {
      kind: 'refused';
      /** The event type whose refused topic it goes to. */
      eventType?: AcceptedEventType;
      reason: EventReason;
      refusal: Refusal;
      /** The refusal as JSON, written while there is time. */
      text: EventText;
    }
) & {
  /** `undefined` until it is published, or when there was no room for it. */
  batch?: Batch;
};

/** What events are judged by. */
export interface JudgementContext {
  snapshot: GatewaySnapshot;
  writeKey: SnapshotWriteKey;
  limits: GatewayLimits;
}

/** Why an event is refused. */
export interface EventProblem {
  reason: EventReason;
  pointer?: string;
  message: string;
}

/**
 * Judges one event that was not recognised at a glance. Cheap checks come
 * first, and those that bound the work of later ones before them: size and
 * depth before anything that walks the event. A problem names the field and the
 * rule, never the value.
 *
 * @throws SyntaxError for a text that is not JSON
 */
export function judgeEvent(
  text: EventText,
  context: JudgementContext,
): Judgement {
  const tooLarge = checkSize(text, context);
  if (tooLarge) {
    return refuse(text, peekEnvelope(text), tooLarge, context);
  }
  const value = parseJson(text);
  const result = examine(text, value, context);
  return 'envelope' in result
    ? { kind: 'accepted', eventType: result.eventType, text }
    : refuse(text, value, result, context);
}

/** Refuses an event for a reason found elsewhere. */
export function refuse(
  { bytes, start, end }: EventText,
  value: unknown,
  { reason, pointer, message }: EventProblem,
  { snapshot, writeKey, limits }: JudgementContext,
): Judgement {
  const { id, source, type } = describeEvent(value);
  // A sender who may not send a type must not fill its refused topic.
  const eventType =
    reason === 'event_type_not_allowed' || type === undefined
      ? undefined
      : snapshot.eventTypes.get(type);
  const kept = Math.min(end, start + limits.maxKeptRefusedBytes);
  return refused(eventType, reason, {
    eventType: isEventTypeName(type) ? type : undefined,
    eventId: id,
    source,
    reason,
    pointer,
    message,
    writeKeyId: writeKey.keyId,
    event: cutText(bytes, start, kept),
    ...(kept < end && { truncated: true }),
  });
}

/** The judgement that comes of a refusal. */
export function refused(
  eventType: AcceptedEventType | undefined,
  reason: EventReason,
  parts: Omit<Refusal, 'refusalId'>,
): Judgement {
  const refusal = createRefusal(parts);
  const bytes = Buffer.from(JSON.stringify(refusal));
  const text = { bytes, start: 0, end: bytes.length, hasBreaks: false };
  return { kind: 'refused', eventType, reason, refusal, text };
}

function checkSize(
  { bytes, start, end }: EventText,
  { limits }: JudgementContext,
): EventProblem | undefined {
  if (end - start > limits.maxEventBytes) {
    return {
      reason: 'event_too_large',
      message: `The event has more than ${limits.maxEventBytes} bytes`,
    };
  }
  // Before parsing: what is parsed can be walked by anyone without fear.
  const { depth, names } = measureJson(bytes, start, end);
  if (names > MAX_NAMES) {
    return {
      reason: 'event_too_large',
      message: `The objects of the event have more than ${MAX_NAMES} names`,
    };
  }
  return depth > limits.maxEventDepth
    ? {
        reason: 'too_deep',
        message: `The event is nested more than ${limits.maxEventDepth} levels deep`,
      }
    : undefined;
}

function parseJson({ bytes, start, end }: EventText): unknown {
  return JSON.parse(bytes.toString('utf8', start, end));
}

function examine(
  { bytes, start, end }: EventText,
  value: unknown,
  { snapshot, writeKey }: JudgementContext,
): { envelope: Envelope; eventType: AcceptedEventType } | EventProblem {
  const hazard = inspectJson(bytes, start, end);
  if (hazard) {
    return hazard;
  }
  const parsed = parseEnvelope(value);
  if ('problem' in parsed) {
    return { reason: 'invalid_envelope', ...parsed.problem };
  }
  const { envelope } = parsed;
  const eventType = snapshot.eventTypes.get(envelope.type);
  if (!eventType) {
    return {
      reason: 'event_type_unknown',
      pointer: '/type',
      message: 'No event type of this name is registered',
    };
  }
  if (writeKey.eventTypes && !writeKey.eventTypes.includes(envelope.type)) {
    return {
      reason: 'event_type_not_allowed',
      pointer: '/type',
      message: 'The write key may not send this event type',
    };
  }
  const [first, ...others] = eventType.validate(envelope.data);
  if (first) {
    const more = others.length
      ? ` (the first of ${others.length + 1} problems)`
      : '';
    return {
      reason: first.code,
      pointer: first.pointer,
      message: `${first.message}${more}`,
    };
  }
  return { envelope, eventType };
}

/** Completes a refusal with the id that makes its retries one row. */
function createRefusal(refusal: Omit<Refusal, 'refusalId'>): Refusal {
  const { eventType, source, eventId, reason, pointer, event } = refusal;
  const identity = [eventType, source, eventId, reason, pointer, event];
  const hex = createHash('sha256')
    .update(JSON.stringify(identity.map(part => part ?? null)))
    .digest('hex');
  const refusalId = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
  return { refusalId, ...refusal };
}

function isEventTypeName(name: string | undefined): boolean {
  try {
    parseEventTypeName(name);
    return true;
  } catch {
    return false;
  }
}
