import {
  type ServerDuplexStream,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type protos } from '@google-cloud/pubsub';
import { type Clock } from '../clock';
import { type MessageBroker } from '../delivery';
import { invalidArgument } from '../errors';
import { type BrokerLogger } from '../logger';
import { type StoredSubscription } from '../store';
import { type UnaryHandler, unary } from './handlers';
import { parseProject, parseResourceName } from './names';
import { pageOf } from './paging';
import { asReceivedMessage } from './responses';
import {
  parseSubscription,
  parseSubscriptionSettings,
  parseUpdateMask,
} from './requests';
import { StreamingPull } from './StreamingPull';

type V1 = protos.google.pubsub.v1.ISubscription;

/** Longest a Pull without messages waits before it answers with none. */
const PULL_WAIT_MS = 20_000;
/** Answer this much before the caller's own deadline. */
const PULL_MARGIN_MS = 250;
const MAX_PULL_BYTES = 8 * 2 ** 20;

/**
 * `google.pubsub.v1.Subscriber`.
 *
 * Acknowledge answers after the removal is durable: what was acknowledged with
 * a reply is never delivered again. Acks that arrive on a stream have no reply,
 * here as in Pub/Sub. ModifyAckDeadline changes memory only.
 */
export function createSubscriber(options: {
  broker: MessageBroker;
  clock: Clock;
  logger: BrokerLogger;
}): UntypedServiceImplementation {
  const { broker, clock, logger } = options;
  const { registry } = broker;
  const nameOf = (name: string | null | undefined) =>
    parseResourceName('subscriptions', name);

  const createSubscription: UnaryHandler<V1, V1> = async request =>
    asSubscription(
      await registry.createSubscription(parseSubscription(request)),
    );

  const getSubscription: UnaryHandler<
    protos.google.pubsub.v1.IGetSubscriptionRequest,
    V1
  > = request =>
    asSubscription(registry.subscription(nameOf(request.subscription)).stored);

  const updateSubscription: UnaryHandler<
    protos.google.pubsub.v1.IUpdateSubscriptionRequest,
    V1
  > = async ({ subscription, updateMask }) => {
    const name = nameOf(subscription?.name);
    const mask = parseUpdateMask(updateMask, [
      'ackDeadlineSeconds',
      'messageRetentionDuration',
      'labels',
    ]);
    const { ackDeadlineSeconds, retentionSeconds, labels } =
      parseSubscriptionSettings(subscription ?? {});
    return asSubscription(
      await registry.updateSubscription(name, {
        ...(mask.has('ackDeadlineSeconds') && { ackDeadlineSeconds }),
        ...(mask.has('messageRetentionDuration') && { retentionSeconds }),
        ...(mask.has('labels') && { labels }),
      }),
    );
  };

  const listSubscriptions: UnaryHandler<
    protos.google.pubsub.v1.IListSubscriptionsRequest,
    protos.google.pubsub.v1.IListSubscriptionsResponse
  > = request => {
    const prefix = parseProject('subscriptions', request.project);
    const stored = registry
      .subscriptions()
      .map(subscription => subscription.stored)
      .filter(({ name }) => name.startsWith(prefix));
    const page = pageOf(stored, ({ name }) => name, request);
    return {
      subscriptions: page.items.map(asSubscription),
      nextPageToken: page.nextPageToken,
    };
  };

  const deleteSubscription: UnaryHandler<
    protos.google.pubsub.v1.IDeleteSubscriptionRequest,
    object
  > = async request => {
    await registry.deleteSubscription(nameOf(request.subscription));
    return {};
  };

  const acknowledge: UnaryHandler<
    protos.google.pubsub.v1.IAcknowledgeRequest,
    object
  > = async request => {
    await broker.acknowledge(
      nameOf(request.subscription),
      request.ackIds ?? [],
    );
    return {};
  };

  const modifyAckDeadline: UnaryHandler<
    protos.google.pubsub.v1.IModifyAckDeadlineRequest,
    object
  > = request => {
    const seconds = request.ackDeadlineSeconds ?? 0;
    broker.modifyAckDeadline(
      nameOf(request.subscription),
      (request.ackIds ?? []).map(ackId => ({ ackId, seconds })),
    );
    return {};
  };

  const pull: UnaryHandler<
    protos.google.pubsub.v1.IPullRequest,
    protos.google.pubsub.v1.IPullResponse
  > = async (request, call) => {
    const name = nameOf(request.subscription);
    const maxMessages = request.maxMessages ?? 0;
    if (maxMessages < 1) {
      throw invalidArgument('max_messages must be at least 1');
    }
    const wait = waitFor(call, clock, request.returnImmediately ?? false);
    try {
      for (;;) {
        const subscription = registry.subscription(name);
        await subscription.available(wait.signal);
        broker.assertServing();
        const deliveries = call.cancelled
          ? []
          : broker.take(registry.subscription(name), {
              maxMessages,
              maxBytes: MAX_PULL_BYTES,
              ackDeadlineSeconds: subscription.stored.ackDeadlineSeconds,
            });
        if (deliveries.length > 0 || wait.signal.aborted) {
          return { receivedMessages: deliveries.map(asReceivedMessage) };
        }
      }
    } finally {
      wait.cancel();
    }
  };

  return {
    CreateSubscription: unary(logger, createSubscription),
    GetSubscription: unary(logger, getSubscription),
    UpdateSubscription: unary(logger, updateSubscription),
    ListSubscriptions: unary(logger, listSubscriptions),
    DeleteSubscription: unary(logger, deleteSubscription),
    Acknowledge: unary(logger, acknowledge),
    ModifyAckDeadline: unary(logger, modifyAckDeadline),
    Pull: unary(logger, pull),
    StreamingPull: (
      call: ServerDuplexStream<
        protos.google.pubsub.v1.IStreamingPullRequest,
        protos.google.pubsub.v1.IStreamingPullResponse
      >,
    ) => StreamingPull.serve({ call, broker, logger }),
  };
}

/** Aborts when the caller left or has waited long enough. */
function waitFor<Request, Response>(
  call: ServerUnaryCall<Request, Response>,
  clock: Clock,
  returnImmediately: boolean,
): { signal: AbortSignal; cancel: () => void } {
  const controller = new AbortController();
  const leftMs = Number(call.getDeadline()) - Date.now() - PULL_MARGIN_MS;
  call.on('cancelled', () => controller.abort());
  if (returnImmediately || leftMs <= 0) {
    controller.abort();
  }
  const cancel = clock.schedule(Math.min(PULL_WAIT_MS, leftMs), () =>
    controller.abort(),
  );
  return { signal: controller.signal, cancel };
}

function asSubscription(stored: StoredSubscription): V1 {
  return {
    name: stored.name,
    topic: stored.topic,
    ackDeadlineSeconds: stored.ackDeadlineSeconds,
    messageRetentionDuration: { seconds: stored.retentionSeconds },
    labels: stored.labels,
    pushConfig: {},
    // Set without a ttl: the subscription never expires.
    expirationPolicy: {},
    state: 'ACTIVE',
  };
}
