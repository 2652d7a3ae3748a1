import { createHash } from 'node:crypto';
import type { SnapshotWriteKey } from '@millrace/ledger';
import { parseEventTypeName, RefusedEvent } from '@millrace/schema';
import { EventReason } from '../errors';
import { GatewayLimits } from '../options';
import { AcceptedEventType, GatewaySnapshot } from '../snapshot';
import { findHazard } from './hazards';
import { describeEvent, Envelope, parseEnvelope } from './parseEnvelope';
import { IncomingEvent } from './parseEvents';

/** The gateway's judgement of one event, before anything is published. */
export type Judgement =
  | {
      kind: 'accepted';
      id: string;
      eventType: AcceptedEventType;
      /** One line of a batch: a StoredEvent as JSON. */
      line: string;
    }
  | { kind: 'refused'; id?: string; refusal: RefusedEvent };

/** What events are judged by. */
export interface JudgementContext {
  snapshot: GatewaySnapshot;
  writeKey: SnapshotWriteKey;
  /** RFC 3339, UTC. */
  receivedAt: string;
  limits: GatewayLimits;
}

interface Problem {
  reason: EventReason;
  pointer?: string;
  message: string;
}

/**
 * Judges one event. Cheap checks come first, and those that bound the work of
 * later ones before them: size and depth before anything that walks the event.
 * A problem names the field and the rule, never the value.
 */
export function judgeEvent(
  event: IncomingEvent,
  context: JudgementContext,
): Judgement {
  const result = examine(event, context);
  if ('envelope' in result) {
    const { envelope, eventType } = result;
    return {
      kind: 'accepted',
      id: envelope.id,
      eventType,
      line: toLine(envelope, context.receivedAt),
    };
  }
  return refuse(event, result, context);
}

function examine(
  event: IncomingEvent,
  { snapshot, writeKey, limits }: JudgementContext,
): { envelope: Envelope; eventType: AcceptedEventType } | Problem {
  if (event.bytes > limits.maxEventBytes) {
    return {
      reason: 'event_too_large',
      message: `The event has more than ${limits.maxEventBytes} bytes`,
    };
  }
  if (event.depth > limits.maxEventDepth) {
    return {
      reason: 'invalid_value',
      message: `The event is nested more than ${limits.maxEventDepth} levels deep`,
    };
  }
  const hazard = event.isSuspicious ? findHazard(event.value) : undefined;
  if (hazard) {
    return { reason: 'invalid_value', ...hazard };
  }
  const parsed = parseEnvelope(event.value);
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

/** Keys in the order of the wire format; what is absent is null. */
function toLine(envelope: Envelope, receivedAt: string): string {
  return JSON.stringify({
    id: envelope.id,
    source: envelope.source,
    time: envelope.time ?? null,
    receivedAt,
    producer: envelope.producer ?? null,
    epoch: envelope.epoch ?? null,
    sequence: envelope.sequence ?? null,
    data: envelope.data,
  });
}

function refuse(
  event: IncomingEvent,
  { reason, pointer, message }: Problem,
  { writeKey, receivedAt, limits }: JudgementContext,
): Judgement {
  const { id, source, type } = describeEvent(event.value);
  return {
    kind: 'refused',
    id,
    refusal: createRefusal({
      eventType: isEventTypeName(type) ? type : undefined,
      eventId: id,
      source,
      reason,
      pointer,
      message,
      receivedAt,
      writeKeyId: writeKey.keyId,
      event: event.raw(limits.maxKeptRefusedBytes),
    }),
  };
}

/** Completes a refusal with the id that makes its retries one row. */
export function createRefusal(
  refusal: Omit<RefusedEvent, 'refusalId'>,
): RefusedEvent {
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
