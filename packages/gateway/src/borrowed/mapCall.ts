import type { AdaptedEvent } from '../intake';
import {
  adapted,
  AdaptingProblem,
  mintId,
  problemOfText,
  textIn,
} from './adapting';
import { eventTypeOf } from './eventTypeOf';
import { isObject, JsonPart, textOf } from './jsonPart';

/** The calls of the Segment and RudderStack clients. */
export const CALL_TYPES = [
  'track',
  'identify',
  'page',
  'screen',
  'group',
  'alias',
] as const;

export type CallType = (typeof CALL_TYPES)[number];

/** What calls are mapped by. */
export interface CallContext {
  /** First part of the event types: the producer of the write key, or `app`. */
  prefix: string;
  /** The call that the path names; a batch names it in each call. */
  type?: CallType;
  maxEventDepth: number;
}

/**
 * Members of a call that are about its transport. They are not part of the
 * event: some of them change when the same call is sent again, and a repeat of
 * an event has to be the same event (ADR 0005).
 */
const TRANSPORT_MEMBERS = new Set([
  'type',
  'messageId',
  'timestamp',
  'originalTimestamp',
  'sentAt',
  'receivedAt',
  'integrations',
  'writeKey',
  'channel',
  'version',
  '_metadata',
]);

const BAD_PREFIX =
  'The producer of the write key gives no prefix for event types: it must be made of letters a to z and digits; or name the event type in integrations.Millrace.eventType';

/**
 * Makes a CloudEvent of one call. Everything that is not about transport
 * becomes `data` as it is, under its own name: nothing a sender adds disappears
 * without a word.
 */
export function mapCall(part: JsonPart, context: CallContext): AdaptedEvent {
  const { value: call } = part;
  // The call becomes `data`, one level below the event.
  const textProblem = problemOfText(part, context.maxEventDepth - 1);
  if (!isObject(call)) {
    return {
      value: {},
      raw: textOf(part),
      problem: { reason: 'unmapped', message: 'A call must be a JSON object' },
    };
  }
  const mapped = mapType(call, context);
  const value = {
    specversion: '1.0',
    id: textIn(call.messageId) ?? mintId(),
    source: `/clients/${context.prefix}`,
    ...('type' in mapped && { type: mapped.type }),
    time: textIn(call.timestamp) ?? textIn(call.originalTimestamp),
    data: Object.fromEntries(
      Object.entries(call).filter(([name]) => !TRANSPORT_MEMBERS.has(name)),
    ),
  };
  return adapted(value, () => textOf(part), textProblem, mapped.problem);
}

function mapType(
  call: Record<string, unknown>,
  { prefix, type = CALL_TYPES.find(each => each === call.type) }: CallContext,
): { type: string; problem?: undefined } | { problem: AdaptingProblem } {
  const options = isObject(call.integrations)
    ? call.integrations.Millrace
    : undefined;
  if (isObject(options) && options.eventType !== undefined) {
    const chosen = textIn(options.eventType);
    // Judged like any other name of an event type.
    return chosen === undefined
      ? unmapped(
          '/integrations/Millrace/eventType',
          "'integrations.Millrace.eventType' must be the name of an event type",
        )
      : { type: chosen };
  }
  if (type === undefined) {
    return unmapped(
      '/type',
      `The call is none of ${CALL_TYPES.join(', ')}, so it has no event type`,
    );
  }
  if (type !== 'track') {
    const eventType = eventTypeOf(prefix, type);
    return eventType ? { type: eventType } : unmapped('', BAD_PREFIX);
  }
  const name = textIn(call.event);
  if (name === undefined) {
    return unmapped('/event', "A 'track' call names what happened in 'event'");
  }
  const eventType = eventTypeOf(prefix, name);
  if (eventType) {
    return { type: eventType };
  }
  return eventTypeOf(prefix, 'track')
    ? unmapped(
        '/event',
        `The name in 'event' gives no event type: after the prefix '${prefix}.' it must leave letters a to z, digits and at most 63 characters; or name the event type in integrations.Millrace.eventType`,
      )
    : unmapped('', BAD_PREFIX);
}

function unmapped(
  pointer: string,
  message: string,
): { problem: AdaptingProblem } {
  return { problem: { reason: 'unmapped', pointer, message } };
}
