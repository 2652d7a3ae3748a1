import { Deprecation } from '../types';

/** The gateway's answer to a batch it could read. */
export interface EventsReply {
  receipt: string;
  failed: FailedEvent[];
  /** What of the batch should no longer be sent. */
  deprecated: Deprecation[];
}

export interface FailedEvent {
  index: number;
  reason: string;
  pointer?: string;
  message: string;
  retriable: boolean;
}

/**
 * Reads a per-event reply, or gives `undefined` unless it accounts for every
 * event of the batch exactly once.
 */
export function parseEventsReply(
  body: string,
  batch: readonly { id: string }[],
): EventsReply | undefined {
  const reply = parseObject(body);
  if (
    typeof reply?.receipt !== 'string' ||
    typeof reply.accepted !== 'number' ||
    !Array.isArray(reply.failed)
  ) {
    return undefined;
  }
  const failed = reply.failed.filter(isFailedEvent);
  const indexes = new Set(failed.map(each => each.index));
  const isComplete =
    failed.length === reply.failed.length &&
    indexes.size === failed.length &&
    reply.accepted + failed.length === batch.length &&
    failed.every(
      ({ index, id }) =>
        index < batch.length && (id === undefined || id === batch[index].id),
    );
  return isComplete
    ? { receipt: reply.receipt, failed, deprecated: readDeprecated(reply) }
    : undefined;
}

/** Advice: what of it cannot be read never makes a reply worth less. */
function readDeprecated({
  deprecated,
}: Record<string, unknown>): Deprecation[] {
  const text = (value: unknown) =>
    typeof value === 'string' ? value : undefined;
  return Array.isArray(deprecated)
    ? deprecated.filter(isObject).flatMap(each =>
        typeof each.type === 'string'
          ? {
              type: each.type,
              since: text(each.since),
              endsOn: text(each.endsOn),
              successor: text(each.successor),
            }
          : [],
      )
    : [];
}

/** Reads `{ error: { reason, message } }`. */
export function parseErrorReply(
  body: string,
): { reason: string; message: string } | undefined {
  const error = parseObject(body)?.error;
  return isObject(error) &&
    typeof error.reason === 'string' &&
    typeof error.message === 'string'
    ? { reason: error.reason, message: error.message }
    : undefined;
}

function isFailedEvent(value: unknown): value is FailedEvent & { id?: string } {
  return (
    isObject(value) &&
    Number.isSafeInteger(value.index) &&
    Number(value.index) >= 0 &&
    typeof value.reason === 'string' &&
    typeof value.message === 'string' &&
    typeof value.retriable === 'boolean' &&
    ['string', 'undefined'].includes(typeof value.pointer)
  );
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
