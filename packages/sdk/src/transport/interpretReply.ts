import { ProducerError, ProducerErrorCode } from '../errors';
import { QueuedEvent } from '../queue';
import { parseRetryAfter } from '../retry';
import { Deprecation, Verdict } from '../types';
import { EventsReply, parseErrorReply, parseEventsReply } from './replies';

/** What one request achieved. */
export type Outcome =
  /** One entry per event of the batch; `undefined` means send it again. */
  | {
      kind: 'answered';
      verdicts: (Verdict | undefined)[];
      retryAfterMs?: number;
      status: number;
      /** Of the first event to be sent again. */
      reason?: string;
      /** What of the batch should no longer be sent. */
      deprecated: Deprecation[];
    }
  /** The request as a whole can never be taken; its halves may be. */
  | { kind: 'unusable'; reason: string; message: string }
  /** Nothing is known about any event: send all of them again. */
  | {
      kind: 'failed';
      error: ProducerError;
      status?: number;
      reason?: string;
      retryAfterMs?: number;
      /** A retry alone will not help. */
      isLasting: boolean;
      /** The limit is one of the write key: asking another gateway is no way around. */
      isShared?: boolean;
    };

/** The parts of an HTTP response that matter, fully read. */
export interface RawReply {
  status: number;
  retryAfter: string | null;
  body: string;
}

/** 200 all accepted, 400 all refused, 503 none stored, 207 anything between. */
const ANSWER_STATUSES = new Set([200, 207, 400, 503]);

/**
 * Reads the gateway's reply to a batch.
 *
 * Guarantee: an event is settled only by a reply that speaks about exactly this
 * batch. Everything else, a cheerful 200 of a captive portal included, is a
 * failure after which the events are sent again.
 */
export function interpretReply(
  reply: RawReply,
  batch: readonly QueuedEvent[],
  now: number,
): Outcome {
  const { status } = reply;
  const retryAfterMs = parseRetryAfter(reply.retryAfter, now);
  const answer = parseEventsReply(reply.body, batch);
  if (answer && ANSWER_STATUSES.has(status)) {
    const verdicts = toVerdicts(answer, batch);
    const again = answer.failed.find(({ retriable }) => retriable);
    return {
      kind: 'answered',
      verdicts,
      retryAfterMs,
      status,
      reason: again?.reason,
      deprecated: answer.deprecated,
    };
  }

  const { reason, message } =
    parseErrorReply(reply.body) ?? answer?.failed.at(0) ?? {};
  if (status === 413) {
    return {
      kind: 'unusable',
      reason: 'event_too_large',
      message: `The gateway has not kept the event: ${
        message ?? 'it is larger than the gateway takes'
      }`,
    };
  }
  if (status === 400 && reason !== undefined) {
    return {
      kind: 'unusable',
      reason,
      message: `The gateway has not kept the event: ${
        message ?? 'it cannot read it'
      }`,
    };
  }

  const code = codeOf(status);
  return {
    kind: 'failed',
    error: new ProducerError(
      code,
      `The gateway answered ${status}${reason ? ` (${reason})` : ''}${
        message ? `: ${message}` : ''
      }`,
    ),
    status,
    reason,
    retryAfterMs,
    isLasting: code !== 'unavailable',
    isShared: status === 429,
  };
}

function toVerdicts(
  { receipt, failed }: EventsReply,
  batch: readonly QueuedEvent[],
): (Verdict | undefined)[] {
  const failures = new Map(failed.map(each => [each.index, each]));
  return batch.map(({ id }, index) => {
    const failure = failures.get(index);
    if (!failure) {
      return { status: 'accepted', id, receipt };
    }
    const { reason, pointer, message, retriable } = failure;
    return retriable
      ? undefined
      : {
          status: 'refused',
          id,
          reason,
          kept: true,
          pointer,
          message,
          receipt,
        };
  });
}

function codeOf(status: number): ProducerErrorCode {
  if (status === 401 || status === 403) {
    return 'write_key_refused';
  }
  return status >= 500 || status === 408 || status === 425 || status === 429
    ? 'unavailable'
    : 'unexpected_reply';
}
