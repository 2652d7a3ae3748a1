import { type Envelope } from '../store';
import { type RpcError } from '../errors';
import { type LeaseHolder } from './message';

/** One message on its way to a receiver. */
export interface Delivery {
  ackId: string;
  messageId: string;
  envelope: Envelope;
  body: Buffer;
  /** From 1; 0 where the subscription has no dead-letter policy, as in Pub/Sub. */
  deliveryAttempt: number;
}

/** A stream that takes messages as they come. */
export interface Consumer extends LeaseHolder {
  /** Ack deadline of what is delivered now. */
  ackDeadlineSeconds(): number;
  /** Messages and bytes it may still be sent; zero or less means none. */
  freeMessages(): number;
  freeBytes(): number;
  deliver(deliveries: Delivery[]): void;
  /** Settings of the subscription that receivers are told about have changed. */
  subscriptionChanged(): void;
  /** The subscription is gone or the broker stops. */
  end(error: RpcError): void;
}

const MAX_MESSAGES_PER_RESPONSE = 100;
/** A response is filled up to this; the last message may exceed it. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/**
 * Shares the available messages among the consumers that have room, in rounds,
 * so that one large free stream does not take everything. What only its owner
 * may take (see KeyQueue) goes to that one.
 *
 * @param take leases up to so many messages for a consumer
 */
export function shareOut(options: {
  availableTo: (consumer: Consumer) => number;
  consumers: readonly Consumer[];
  /** Index of the consumer to begin with; rotate it between calls. */
  startAt: number;
  take: (
    consumer: Consumer,
    limits: { maxMessages: number; maxBytes: number },
  ) => Delivery[];
}): void {
  const { availableTo, consumers, startAt, take } = options;
  for (let hasDelivered = true; hasDelivered; ) {
    hasDelivered = false;
    const ready = consumers.filter(
      consumer => hasRoom(consumer) && availableTo(consumer) > 0,
    );
    for (let turn = 0; turn < ready.length; turn++) {
      const consumer = ready[(startAt + turn) % ready.length];
      const share = Math.min(
        Math.ceil(availableTo(consumer) / ready.length),
        MAX_MESSAGES_PER_RESPONSE,
      );
      const deliveries = take(consumer, {
        maxMessages: Math.min(share, consumer.freeMessages()),
        maxBytes: Math.min(MAX_RESPONSE_BYTES, consumer.freeBytes()),
      });
      if (deliveries.length > 0) {
        consumer.deliver(deliveries);
        hasDelivered = true;
      }
    }
  }
}

function hasRoom(consumer: Consumer): boolean {
  return consumer.freeMessages() > 0 && consumer.freeBytes() > 0;
}
