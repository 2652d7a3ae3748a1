import { type ServerDuplexStream } from '@grpc/grpc-js';
import { type protos } from '@google-cloud/pubsub';
import {
  type AckResult,
  type Consumer,
  type Delivery,
  type MessageBroker,
  type Subscription,
} from '../delivery';
import { type RpcError, invalidArgument } from '../errors';
import { type BrokerLogger } from '../logger';
import { asRpcError } from './handlers';
import { parseResourceName } from './names';
import { asReceivedMessage } from './responses';
import { parseAckDeadlineSeconds } from './subscriptions';

type Request = protos.google.pubsub.v1.IStreamingPullRequest;
type Response = protos.google.pubsub.v1.IStreamingPullResponse;
type Call = ServerDuplexStream<Request, Response>;

/** Bytes handed to the transport and not yet taken by it, per stream. */
const MAX_UNSENT_BYTES = 2 * 2 ** 20;
/** Counted for each message beside its body. */
const MESSAGE_OVERHEAD_BYTES = 128;

/**
 * One StreamingPull call.
 *
 * - The first request names the subscription and the flow control; the first
 *   response carries the subscription's properties.
 * - No more is sent while `max_outstanding_messages` or `max_outstanding_bytes`
 *   await an answer, or while the transport has not taken what it was given.
 * - Acks and deadline changes on the stream are honoured; under exactly-once
 *   delivery a confirmation follows, else there is no reply to them. A message
 *   counts as outstanding until it is acknowledged, given back or expired, over
 *   whichever call that happens.
 * - Keep-alive (protocol version 1): each empty request gets an empty response;
 *   the client drops a stream that stays silent for 15 s.
 * - The broker ends the stream with an error, never with OK: the client takes
 *   OK or NOT_FOUND for good and connects again after UNAVAILABLE. Leases
 *   outlive the stream.
 */
export class StreamingPull implements Consumer {
  readonly #call: Call;
  readonly #broker: MessageBroker;
  readonly #logger: BrokerLogger;
  #subscription: Subscription | undefined;
  #isOpen = true;
  #isKeepAliveExpected = false;
  #ackDeadlineSeconds = 0;
  #maxMessages = Infinity;
  #maxBytes = Infinity;
  #outstandingMessages = 0;
  #outstandingBytes = 0;
  #unsentBytes = 0;

  static serve(options: {
    call: Call;
    broker: MessageBroker;
    logger: BrokerLogger;
  }): void {
    const stream = new StreamingPull(options);
    const { call } = options;
    call.on('data', (request: Request) => stream.#receive(request));
    call.on('end', () => {
      // Only a client that is done with the stream ends its own half.
      stream.#close();
      call.end();
    });
    call.on('cancelled', () => stream.#close());
    call.on('error', () => stream.#close());
  }

  private constructor(options: {
    call: Call;
    broker: MessageBroker;
    logger: BrokerLogger;
  }) {
    this.#call = options.call;
    this.#broker = options.broker;
    this.#logger = options.logger;
  }

  ackDeadlineSeconds(): number {
    return this.#ackDeadlineSeconds;
  }

  freeMessages(): number {
    return this.#maxMessages - this.#outstandingMessages;
  }

  freeBytes(): number {
    return Math.min(
      this.#maxBytes - this.#outstandingBytes,
      MAX_UNSENT_BYTES - this.#unsentBytes,
    );
  }

  deliver(deliveries: Delivery[]): void {
    const bytes = deliveries.reduce(
      (total, { body }) => total + body.length + MESSAGE_OVERHEAD_BYTES,
      0,
    );
    this.#unsentBytes += bytes;
    this.#call.write(
      { receivedMessages: deliveries.map(asReceivedMessage) },
      () => {
        this.#unsentBytes -= bytes;
        this.#subscription?.dispatchSoon();
      },
    );
  }

  leased(bytes: number): void {
    this.#outstandingMessages++;
    this.#outstandingBytes += bytes;
  }

  released(bytes: number): void {
    this.#outstandingMessages--;
    this.#outstandingBytes -= bytes;
    this.#subscription?.dispatchSoon();
  }

  subscriptionChanged(): void {
    const stored = this.#subscription?.stored;
    this.#call.write({
      subscriptionProperties: {
        exactlyOnceDeliveryEnabled: stored?.enableExactlyOnceDelivery ?? false,
        messageOrderingEnabled: stored?.enableMessageOrdering ?? false,
      },
    });
  }

  end(error: RpcError): void {
    if (this.#isOpen) {
      this.#close();
      this.#call.emit('error', error);
    }
  }

  #receive(request: Request): void {
    try {
      if (!this.#isOpen) {
        return;
      }
      if (this.#subscription) {
        this.#continue(request, this.#subscription);
      } else {
        this.#open(request);
      }
    } catch (error) {
      this.end(asRpcError(error, this.#logger));
    }
  }

  #open(request: Request): void {
    this.#broker.assertServing();
    const name = parseResourceName('subscriptions', request.subscription);
    const subscription = this.#broker.registry.subscriptionInUse(name);
    this.#ackDeadlineSeconds = request.streamAckDeadlineSeconds
      ? parseAckDeadlineSeconds(request.streamAckDeadlineSeconds)
      : subscription.stored.ackDeadlineSeconds;
    this.#maxMessages = limitOf(request.maxOutstandingMessages);
    this.#maxBytes = limitOf(request.maxOutstandingBytes);
    this.#isKeepAliveExpected = Number(request.protocolVersion ?? 0) >= 1;
    this.#subscription = subscription;
    this.subscriptionChanged();
    this.#answer(request, name);
    subscription.attach(this);
  }

  #continue(request: Request, subscription: Subscription): void {
    if (
      request.subscription ||
      request.maxOutstandingMessages ||
      request.maxOutstandingBytes ||
      request.protocolVersion
    ) {
      throw invalidArgument(
        'subscription, flow control and protocol_version belong in the first request only',
      );
    }
    if (request.streamAckDeadlineSeconds) {
      this.#ackDeadlineSeconds = parseAckDeadlineSeconds(
        request.streamAckDeadlineSeconds,
      );
    } else if (
      !request.ackIds?.length &&
      !request.modifyDeadlineAckIds?.length &&
      this.#isKeepAliveExpected
    ) {
      this.#call.write({});
    }
    this.#answer(request, subscription.stored.name);
  }

  #answer(request: Request, subscriptionName: string): void {
    const ackIds = request.ackIds ?? [];
    const moved = request.modifyDeadlineAckIds ?? [];
    const seconds = request.modifyDeadlineSeconds ?? [];
    if (moved.length !== seconds.length) {
      throw invalidArgument(
        'modify_deadline_ack_ids and modify_deadline_seconds must have the same length',
      );
    }
    if (moved.length > 0) {
      const result = this.#broker.modifyAckDeadline(
        subscriptionName,
        moved.map((ackId, index) => ({ ackId, seconds: seconds[index] })),
      );
      this.#confirm(asModifyConfirmation, result);
    }
    if (ackIds.length > 0) {
      this.#broker
        .acknowledge(subscriptionName, ackIds)
        .then(result => this.#confirm(asAcknowledgeConfirmation, result))
        .catch(error => this.end(asRpcError(error, this.#logger)));
    }
  }

  #confirm(
    asResponse: (result: AckResult) => Response,
    result: AckResult,
  ): void {
    const isExactlyOnce = this.#subscription?.stored.enableExactlyOnceDelivery;
    if (isExactlyOnce && this.#isOpen) {
      this.#call.write(asResponse(result));
    }
  }

  #close(): void {
    this.#isOpen = false;
    this.#subscription?.detach(this);
  }
}

function asAcknowledgeConfirmation(result: AckResult): Response {
  return {
    acknowledgeConfirmation: {
      ackIds: result.done,
      invalidAckIds: result.invalid,
      unorderedAckIds: result.unordered,
    },
  };
}

function asModifyConfirmation({ done, invalid }: AckResult): Response {
  return {
    modifyAckDeadlineConfirmation: { ackIds: done, invalidAckIds: invalid },
  };
}

/** Zero or less means no limit. */
function limitOf(
  value: protos.google.pubsub.v1.IStreamingPullRequest['maxOutstandingBytes'],
): number {
  const limit = Number(value ?? 0);
  return limit > 0 ? limit : Infinity;
}
