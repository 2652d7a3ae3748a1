import { uuidv7 } from 'uuidv7';
import { EventReason, RETRY_AFTER_SECONDS } from '../errors';
import { Reply } from '../http';
import { Judgement } from './judgeEvent';

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
}

/** A judgement, and whether what follows from it is committed. */
export interface Outcome {
  judgement: Judgement;
  isCommitted: boolean;
}

/**
 * Puts the outcomes of all events into a reply: 200 when all are accepted, 400
 * when all are refused for good, 503 when none could be committed, 207 for
 * everything between.
 */
export function answer(outcomes: Outcome[]): Reply {
  const failed: FailedEvent[] = [];
  let accepted = 0;
  let refused = 0;
  outcomes.forEach(({ judgement, isCommitted }, index) => {
    const { id } = judgement;
    if (!isCommitted) {
      failed.push({
        index,
        id,
        reason: 'broker_unavailable',
        message: 'The event could not be committed; send it again',
        retriable: true,
      });
    } else if (judgement.kind === 'accepted') {
      accepted += 1;
    } else {
      refused += 1;
      const { reason, pointer, message } = judgement.refusal;
      failed.push({
        index,
        id,
        reason: reason as EventReason,
        pointer,
        message,
        retriable: false,
      });
    }
  });

  const total = outcomes.length;
  const retriable = failed.length - refused;
  const body: EventsReply = {
    status: statusOf(accepted, total),
    receipt: uuidv7(),
    accepted,
    refused,
    failed,
  };
  return {
    status: httpStatusOf({ accepted, refused, retriable, total }),
    body,
    headers:
      retriable > 0 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {},
  };
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
