import { type protos } from '@google-cloud/pubsub';
import { type Delivery } from '../delivery';
import { timestampOf } from './durations';

/** A delivery on the wire. */
export function asReceivedMessage(
  delivery: Delivery,
): protos.google.pubsub.v1.IReceivedMessage {
  const { publishTimeMs, attributes, orderingKey } = delivery.envelope;
  return {
    ackId: delivery.ackId,
    deliveryAttempt: delivery.deliveryAttempt,
    message: {
      data: delivery.body,
      attributes,
      messageId: delivery.messageId,
      publishTime: timestampOf(publishTimeMs),
      ...(orderingKey && { orderingKey }),
    },
  };
}
