import {
  type ServerDuplexStream,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type protos } from '@google-cloud/pubsub';
import { type Clock } from '../clock';
import { type AckResult, type MessageBroker } from '../delivery';
import { invalidArgument, unimplemented } from '../errors';
import { type BrokerLogger } from '../logger';
import { type DeadLetterPolicy, type StoredSubscription } from '../store';
import { ackError } from './ackErrors';
import { type UnaryHandler, unary } from './handlers';
import { parseProject, parseResourceName } from './names';
import { pageOf } from './paging';
import { type MessageCodecs } from './protos';
import { asReceivedMessage } from './responses';
import { createSnapshotHandlers } from './snapshots';
import { StreamingPull } from './StreamingPull';
import {
  asSubscription,
  parseSubscription,
  subscriptionUpdateRules,
} from './subscriptions';
import { applyUpdate } from './updateMask';

type V1 = protos.google.pubsub.v1.ISubscription;

/** Longest a Pull without messages waits before it answers with none. */
const PULL_WAIT_MS = 20_000;
/** Answer this much before the caller's own deadline. */
const PULL_MARGIN_MS = 250;
const MAX_PULL_BYTES = 8 * 2 ** 20;
/** Stands in for the name of a topic that was deleted. */
const ANY_TOPIC = 'projects/deleted/topics/deleted';

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
  codecs: MessageCodecs;
}): UntypedServiceImplementation {
  const { broker, clock, logger, codecs } = options;
  const { registry } = broker;
  const nameOf = (name: string | null | undefined) =>
    parseResourceName('subscriptions', name);
  const describe = (stored: StoredSubscription): V1 =>
    asSubscription(
      stored,
      registry.hasTopic(stored.topic)
        ? registry.topic(stored.topic).retentionSeconds
        : undefined,
    );
  /** Pub/Sub refuses a new policy whose topic does not exist. */
  const parse = (subscription: V1, known?: DeadLetterPolicy) => {
    const settings = parseSubscription(subscription);
    const topic = settings.deadLetterPolicy?.deadLetterTopic;
    if (topic !== undefined && topic !== known?.deadLetterTopic) {
      registry.topic(topic);
    }
    return settings;
  };
  const assertDone = (result: AckResult): void => {
    const error = ackError(result, codecs);
    if (error) {
      throw error;
    }
  };

  const createSubscription: UnaryHandler<V1, V1> = async request =>
    describe(await registry.createSubscription(parse(request)));

  const getSubscription: UnaryHandler<
    protos.google.pubsub.v1.IGetSubscriptionRequest,
    V1
  > = request =>
    describe(registry.subscription(nameOf(request.subscription)).stored);

  const updateSubscription: UnaryHandler<
    protos.google.pubsub.v1.IUpdateSubscriptionRequest,
    V1
  > = async request => {
    const update = request.subscription ?? {};
    const { stored } = registry.subscription(nameOf(update.name));
    const { topic, ...updated } = applyUpdate(
      describe(stored),
      update,
      request.updateMask,
      subscriptionUpdateRules,
    );
    // The topic may be deleted, and its name then is none.
    const settings = parse(
      {
        ...updated,
        topic: registry.hasTopic(stored.topic) ? topic : ANY_TOPIC,
      },
      stored.deadLetterPolicy,
    );
    return describe(
      await broker.updateSubscription({ ...settings, topic: stored.topic }),
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
      subscriptions: page.items.map(describe),
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
    const name = nameOf(request.subscription);
    assertDone(await broker.acknowledge(name, request.ackIds ?? []));
    return {};
  };

  const modifyAckDeadline: UnaryHandler<
    protos.google.pubsub.v1.IModifyAckDeadlineRequest,
    object
  > = request => {
    const name = nameOf(request.subscription);
    const seconds = request.ackDeadlineSeconds ?? 0;
    assertDone(
      broker.modifyAckDeadline(
        name,
        (request.ackIds ?? []).map(ackId => ({ ackId, seconds })),
      ),
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
        const subscription = registry.subscriptionInUse(name);
        await subscription.available(wait.signal);
        broker.assertServing();
        const deliveries = call.cancelled
          ? []
          : broker.take(registry.subscriptionInUse(name), {
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

  /** Pull is the only way of delivery, so there is only nothing to change. */
  const modifyPushConfig: UnaryHandler<
    protos.google.pubsub.v1.IModifyPushConfigRequest,
    object
  > = ({ subscription, pushConfig }) => {
    registry.subscription(nameOf(subscription));
    if (pushConfig?.pushEndpoint) {
      throw unimplemented('ModifyPushConfigRequest.push_config.push_endpoint');
    }
    return {};
  };

  return {
    ...createSnapshotHandlers(options),
    CreateSubscription: unary(logger, createSubscription),
    GetSubscription: unary(logger, getSubscription),
    UpdateSubscription: unary(logger, updateSubscription),
    ListSubscriptions: unary(logger, listSubscriptions),
    DeleteSubscription: unary(logger, deleteSubscription),
    Acknowledge: unary(logger, acknowledge),
    ModifyAckDeadline: unary(logger, modifyAckDeadline),
    ModifyPushConfig: unary(logger, modifyPushConfig),
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
