import { uuidv7 } from 'uuidv7';
import { EVENT_REASONS, EventReason, RETRY_AFTER_SECONDS } from '../errors';
import { Reply } from '../http';
import { GatewayMetrics, NO_EVENT_TYPE } from '../metrics';
import {
  deprecationHeaders,
  DeprecatedEventType,
  findDeprecated,
} from './deprecations';
import { EventText } from './eventText';
import { Judgement } from './judgeEvent';
import { describeEvent } from './parseEnvelope';

/**
 * One event that was not accepted.
 *
 * @public
 */
export interface FailedEvent {
  /** Position in the request. */
  index: number;
  id?: string;
  reason: EventReason;
  /** RFC 6901 pointer into the event. */
  pointer?: string;
  message: string;
  /** Nothing is known to be stored; the same event may be sent again. */
  retriable: boolean;
}

/**
 * The reply to a request whose events could be read.
 *
 * @public
 */
export interface EventsReply {
  status: 'stored' | 'partial' | 'rejected';
  /** Names this reply in logs and questions. */
  receipt: string;
  /** Events committed to the broker. */
  accepted: number;
  /** Events that will never be taken as they are; kept with their reason. */
  refused: number;
  failed: FailedEvent[];
  /** What should no longer be sent; missing when nothing of it is deprecated. */
  deprecated?: DeprecatedEventType[];
}

/** What became of one event. */
export type Fate =
  | { kind: 'accepted' }
  | {
      kind: 'refused';
      reason: EventReason;
      pointer?: string;
      message: string;
    }
  | { kind: 'retry'; reason: EventReason };

const RETRY_MESSAGES: Partial<Record<EventReason, string>> = {
  broker_unavailable: 'The event could not be committed; send it again',
  overloaded:
    'More events of this type are on their way than the gateway holds; send it again later',
};

/** What became of an event that was judged and, if possible, published. */
export function fateOf(judgement: Judgement): Fate {
  if (!judgement.batch?.isCommitted) {
    const reason = judgement.batch ? 'broker_unavailable' : 'overloaded';
    return { kind: 'retry', reason };
  }
  if (judgement.kind === 'accepted') {
    return { kind: 'accepted' };
  }
  const { reason } = judgement;
  const { pointer, message } = judgement.refusal;
  return { kind: 'refused', reason, pointer, message };
}

/**
 * Puts the fates of all events into a reply: 200 when all are accepted, 400
 * when all are refused for good, 503 when none could be committed, 207 for
 * everything between.
 */
export function answer(judgements: readonly Judgement[]): Reply {
  const failed: FailedEvent[] = [];
  let accepted = 0;
  let refused = 0;
  for (let index = 0; index < judgements.length; index++) {
    const judgement = judgements[index];
    const fate = fateOf(judgement);
    if (fate.kind === 'accepted') {
      accepted += 1;
    } else {
      refused += fate.kind === 'refused' ? 1 : 0;
      const { reason } = fate;
      failed.push({
        index,
        id: idOf(judgement),
        reason,
        pointer: fate.kind === 'refused' ? fate.pointer : undefined,
        message:
          fate.kind === 'refused'
            ? fate.message
            : RETRY_MESSAGES[reason] ?? 'Send the event again',
        retriable: EVENT_REASONS[reason] === 'retriable',
      });
    }
  }

  const total = judgements.length;
  const retriable = failed.length - refused;
  const deprecated = findDeprecated(judgements);
  const body: EventsReply = {
    status: statusOf(accepted, total),
    receipt: uuidv7(),
    accepted,
    refused,
    failed,
    ...(deprecated.length > 0 && { deprecated }),
  };
  return {
    status: httpStatusOf({ accepted, refused, retriable, total }),
    body,
    headers: {
      ...(retriable > 0 && { 'retry-after': String(RETRY_AFTER_SECONDS) }),
      ...deprecationHeaders(deprecated),
    },
  };
}

/** Counts the fates of all events. */
export function countFates(
  judgements: readonly Judgement[],
  metrics: GatewayMetrics,
): void {
  let first = 0;
  for (let i = 1; i <= judgements.length; i++) {
    if (i === judgements.length || !isAlike(judgements[i], judgements[first])) {
      countAlike(judgements[first], i - first, metrics);
      first = i;
    }
  }
}

function isAlike(one: Judgement, other: Judgement): boolean {
  return (
    one.kind === other.kind &&
    one.eventType === other.eventType &&
    one.batch?.isCommitted === other.batch?.isCommitted &&
    reasonOf(one) === reasonOf(other)
  );
}

function countAlike(
  judgement: Judgement,
  events: number,
  metrics: GatewayMetrics,
): void {
  const fate = judgement.batch?.isCommitted ? judgement.kind : 'retriable';
  metrics.events(fate, judgement.eventType?.name ?? NO_EVENT_TYPE, events);
  const reason = reasonOf(judgement);
  if (fate === 'refused' && reason) {
    metrics.refused(reason, events);
  }
}

function reasonOf(judgement: Judgement): EventReason | undefined {
  return judgement.kind === 'refused' ? judgement.reason : undefined;
}

function idOf(judgement: Judgement): string | undefined {
  return judgement.kind === 'refused'
    ? judgement.refusal.eventId
    : describeEvent(parse(judgement.text)).id;
}

function parse({ bytes, start, end }: EventText): unknown {
  return JSON.parse(bytes.toString('utf8', start, end));
}

function statusOf(accepted: number, total: number): EventsReply['status'] {
  if (accepted === total) {
    return 'stored';
  }
  return accepted > 0 ? 'partial' : 'rejected';
}

function httpStatusOf(counts: {
  accepted: number;
  refused: number;
  retriable: number;
  total: number;
}): number {
  switch (counts.total) {
    case counts.accepted:
      return 200;
    case counts.refused:
      return 400;
    case counts.retriable:
      return 503;
    default:
      return 207;
  }
}
