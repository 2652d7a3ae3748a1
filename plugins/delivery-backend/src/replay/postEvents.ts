import { z } from 'zod';

/** Longer than a gateway waits for its broker. */
const TIMEOUT_MS = 30_000;
const MAX_RETRY_AFTER_SECONDS = 30;

const reply = z.object({
  receipt: z.string().optional(),
  failed: z
    .array(
      z.object({
        index: z.number().int().nonnegative(),
        reason: z.string(),
        pointer: z.string().optional(),
        message: z.string(),
        retriable: z.boolean(),
      }),
    )
    .default([]),
});

const requestError = z.object({
  error: z.object({ reason: z.string(), message: z.string() }),
});

/** The fate of one event, as the gateway said it. */
export type EventFate =
  | { kind: 'accepted'; receipt?: string }
  | { kind: 'refused'; reason: string; pointer?: string; message: string }
  | { kind: 'retry' };

/** What came of a request. */
export type PostResult =
  /** One fate per event, in order. */
  | { kind: 'answered'; fates: EventFate[] }
  /** Nothing was taken, and the same may be taken in smaller parts. */
  | { kind: 'too-large'; reason: string; message: string }
  /** Nothing was taken, and this body never will be. */
  | { kind: 'rejected'; reason: string; message: string }
  /** It is not known whether anything was taken, or nothing was for now. */
  | { kind: 'retry'; message: string; retryAfterMs?: number };

/**
 * Sends events to a gateway like any producer does.
 *
 * @param texts - CloudEvents as JSON
 */
export async function postEvents(options: {
  /** Of the gateway. */
  url: string;
  writeKey: string;
  texts: string[];
  signal: AbortSignal;
}): Promise<PostResult> {
  const { url, writeKey, texts, signal } = options;
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(new URL('/v1/events', url), {
      method: 'POST',
      redirect: 'error',
      headers: {
        'content-type': 'application/cloudevents-batch+json',
        authorization: `Bearer ${writeKey}`,
      },
      body: `[${texts.join(',')}]`,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    body = await response.json();
  } catch (error) {
    return {
      kind: 'retry',
      message: `No answer from the gateway: ${nameOf(error)}`,
    };
  }
  const whole = requestError.safeParse(body);
  if (whole.success) {
    return interpretError(response, whole.data.error);
  }
  const answer = reply.safeParse(body);
  if (!answer.success) {
    return {
      kind: 'retry',
      message: `The gateway gave an answer of status ${response.status} that is none of its own`,
    };
  }
  const { receipt, failed } = answer.data;
  const failures = new Map(failed.map(failure => [failure.index, failure]));
  return {
    kind: 'answered',
    fates: texts.map((_text, index) => {
      const failure = failures.get(index);
      if (!failure) {
        return { kind: 'accepted', receipt };
      }
      const { retriable, reason, pointer, message } = failure;
      return retriable
        ? { kind: 'retry' }
        : { kind: 'refused', reason, pointer, message };
    }),
  };
}

function interpretError(
  { status, headers }: Response,
  { reason, message }: { reason: string; message: string },
): PostResult {
  if (status === 413) {
    return { kind: 'too-large', reason, message };
  }
  // 401: the gateway does not run the snapshot with the new key yet.
  if (status === 401 || status === 408 || status === 429 || status >= 500) {
    const seconds = Number(headers.get('retry-after') ?? NaN);
    return {
      kind: 'retry',
      message: `The gateway said ${reason}: ${message}`,
      retryAfterMs:
        seconds >= 0
          ? Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * 1000
          : undefined,
    };
  }
  return { kind: 'rejected', reason, message };
}

/** Without the message, which could quote what was sent. */
function nameOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause ?? error : error;
  return (
    (cause instanceof Error &&
      String(Reflect.get(cause, 'code') ?? cause.name)) ||
    'unknown'
  );
}
