import { Duration, Message, PubSub, Subscription } from '@google-cloud/pubsub';
import { Backoff, backoffMs, pause } from '../backoff';

/*
 * A subscription that stays open.
 *
 * The official client reconnects by itself after errors it takes for passing
 * (broker unreachable, stream reset). It ends the stream for good on the others,
 * such as NOT_FOUND while a subscription is being created again: then the feed
 * opens a new stream after a pause that grows with failures in a row.
 *
 * One stream per subscription: a fleet has one subscription per event type, and
 * the client's default of five streams each would be hundreds of idle ones.
 */

/** Enough for a flush in hand and one under way; bounds memory per event type. */
const HELD = { maxBytes: 16 * 1024 * 1024, maxMessages: 1_000 };

/** The code of gRPC. */
const NOT_FOUND = 5;
/**
 * The client asks for leases as long as acknowledging took of late, by the time
 * of day: a clock that jumps ahead makes that ten minutes, and so late comes
 * what a consumer held that was killed.
 */
const MAX_ACK_DEADLINE = Duration.from({ seconds: 60 });

/** How long closing may wait for the last acks to go out. */
const CLOSE_TIMEOUT = Duration.from({ seconds: 10 });

/** @internal */
export interface SubscriptionFeedOptions {
  pubsub: PubSub;
  subscription: string;
  onMessage: (message: Message) => void;
  onError: (error: unknown, retryMs: number) => void;
  backoff: Backoff;
  /** What may be held unacknowledged. Default 16 MiB, 1,000 messages. */
  held?: { maxBytes: number; maxMessages: number };
}

/** @internal */
export interface SubscriptionFeed {
  /** Whether the broker last said that there is no such subscription. */
  isGone(): boolean;
  /** Ends the stream, gives back what is unacknowledged, sends out the acks. */
  close(): Promise<void>;
}

/** @internal */
export function openSubscriptionFeed(
  options: SubscriptionFeedOptions,
): SubscriptionFeed {
  const { onMessage, onError, backoff, held = HELD } = options;
  const closing = new AbortController();
  let current: Subscription | undefined;
  let failures = 0;
  let isGone = false;

  let reopened: Promise<void> = Promise.resolve();

  function open() {
    const subscription = options.pubsub.subscription(options.subscription, {
      streamingOptions: { maxStreams: 1 },
      flowControl: {
        ...held,
        allowExcessMessages: false,
      },
      closeOptions: { timeout: CLOSE_TIMEOUT },
      maxAckDeadline: MAX_ACK_DEADLINE,
    });
    let hasFailed = false;
    subscription.on('message', message => {
      failures = 0;
      isGone = false;
      onMessage(message);
    });
    subscription.on('error', error => {
      // One stream may report several errors; it is replaced once.
      if (!hasFailed && !closing.signal.aborted) {
        hasFailed = true;
        isGone = (error as { code?: unknown }).code === NOT_FOUND;
        reopened = reopen(subscription, error);
      }
    });
    current = subscription;
  }

  async function reopen(failed: Subscription, error: unknown) {
    failures += 1;
    const retryMs = backoffMs(failures, backoff);
    onError(error, retryMs);
    await failed.close().catch(() => {});
    await pause(retryMs, closing.signal);
    if (!closing.signal.aborted) {
      open();
    }
  }

  open();
  return {
    isGone: () => isGone,
    async close() {
      closing.abort();
      await reopened;
      await current?.close();
    },
  };
}
