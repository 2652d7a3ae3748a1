import { type protos } from '@google-cloud/pubsub';
import { type Delivery } from '../delivery';

/**
 * A delivery on the wire. `deliveryAttempt` stays 0, as in Pub/Sub for a
 * subscription without a dead-letter policy.
 */
export function asReceivedMessage(
  delivery: Delivery,
): protos.google.pubsub.v1.IReceivedMessage {
  const { publishTimeMs, attributes, orderingKey } = delivery.envelope;
  const seconds = Math.floor(publishTimeMs / 1000);
  return {
    ackId: delivery.ackId,
    message: {
      data: delivery.body,
      attributes,
      messageId: delivery.messageId,
      publishTime: {
        seconds,
        nanos: Math.floor((publishTimeMs - seconds * 1000) * 1e6),
      },
      ...(orderingKey && { orderingKey }),
    },
  };
}
