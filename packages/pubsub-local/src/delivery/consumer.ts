import { type Envelope } from '../store';
import { type LeaseHolder } from './Backlog';
import { type RpcError } from '../errors';

/** One message on its way to a receiver. */
export interface Delivery {
  ackId: string;
  messageId: string;
  envelope: Envelope;
  body: Buffer;
}

/** A stream that takes messages as they come. */
export interface Consumer extends LeaseHolder {
  /** Ack deadline of what is delivered now. */
  ackDeadlineSeconds(): number;
  /** Messages and bytes it may still be sent; zero or less means none. */
  freeMessages(): number;
  freeBytes(): number;
  deliver(deliveries: Delivery[]): void;
  /** The subscription is gone or the broker stops. */
  end(error: RpcError): void;
}

const MAX_MESSAGES_PER_RESPONSE = 100;
/** A response is filled up to this; the last message may exceed it. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/**
 * Shares the available messages among the consumers that have room, in rounds,
 * so that one large free stream does not take everything.
 *
 * @param take leases up to so many messages for a consumer
 */
export function shareOut(options: {
  available: () => number;
  consumers: readonly Consumer[];
  /** Index of the consumer to begin with; rotate it between calls. */
  startAt: number;
  take: (
    consumer: Consumer,
    limits: { maxMessages: number; maxBytes: number },
  ) => Delivery[];
}): void {
  const { available, consumers, startAt, take } = options;
  while (available() > 0) {
    const ready = consumers.filter(hasRoom);
    if (ready.length === 0) {
      return;
    }
    const share = Math.min(
      Math.ceil(available() / ready.length),
      MAX_MESSAGES_PER_RESPONSE,
    );
    for (let turn = 0; turn < ready.length && available() > 0; turn++) {
      const consumer = ready[(startAt + turn) % ready.length];
      const deliveries = take(consumer, {
        maxMessages: Math.min(share, consumer.freeMessages()),
        maxBytes: Math.min(MAX_RESPONSE_BYTES, consumer.freeBytes()),
      });
      if (deliveries.length > 0) {
        consumer.deliver(deliveries);
      }
    }
  }
}

function hasRoom(consumer: Consumer): boolean {
  return consumer.freeMessages() > 0 && consumer.freeBytes() > 0;
}
