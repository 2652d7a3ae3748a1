import { ProducerError } from '../errors';
import { ResolvedOptions } from '../options';
import { Platform } from '../platform';
import { QueuedEvent } from '../queue';
import { interpretReply, Outcome } from './interpretReply';

/** Where a batch goes, and how. */
export type PostOptions = Pick<
  ResolvedOptions,
  'clock' | 'fetch' | 'gzip' | 'requestTimeoutMs' | 'writeKey'
> & { eventsUrl: string; platform: Platform };

/**
 * Sends one batch and says what came of it. Never throws: whatever goes wrong
 * is an outcome. The signal aborts the request at once.
 */
export async function postEvents(
  batch: readonly QueuedEvent[],
  options: PostOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const { clock, requestTimeoutMs } = options;
  const aborter = new AbortController();
  const cancelTimeout = clock.schedule(
    () => aborter.abort(new Error(`No reply within ${requestTimeoutMs} ms`)),
    requestTimeoutMs,
  );
  const stop = () => aborter.abort(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    // The race ends the wait even if an injected fetch ignores its signal.
    const reply = await Promise.race([
      exchange(batch, options, aborter.signal),
      rejectOnAbort(aborter.signal),
    ]);
    return interpretReply(reply, batch, clock.now());
  } catch (error) {
    return {
      kind: 'failed',
      error: new ProducerError(
        'unreachable',
        `The gateway cannot be reached: ${describe(error)}`,
        { cause: error },
      ),
      isLasting: false,
    };
  } finally {
    cancelTimeout();
    signal.removeEventListener('abort', stop);
  }
}

async function exchange(
  batch: readonly QueuedEvent[],
  options: PostOptions,
  signal: AbortSignal,
) {
  const { platform, gzip } = options;
  const json = `[${batch.map(event => event.json).join(',')}]`;
  const isCompressed = gzip && platform.compress !== undefined;
  const body = isCompressed ? await platform.compress!(json) : json;
  const bytes =
    typeof body === 'string'
      ? batch.reduce((sum, event) => sum + event.bytes + 1, 1)
      : body.length;
  const response = await options.fetch(options.eventsUrl, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${options.writeKey}`,
      'content-type': 'application/cloudevents-batch+json',
      ...(isCompressed && { 'content-encoding': 'gzip' }),
    },
    body,
    // Following a redirect could turn the POST into a GET whose 200 means
    // nothing.
    redirect: 'manual',
    signal,
    ...platform.requestSettings?.(bytes),
  });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: await response.text(),
  };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** `fetch failed` says nothing; the cause names the host and what it did. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.cause instanceof Error && error.cause.message
    ? error.cause.message
    : error.message;
}
