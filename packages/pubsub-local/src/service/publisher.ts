import { type UntypedServiceImplementation } from '@grpc/grpc-js';
import { type protos } from '@google-cloud/pubsub';
import { type MessageBroker } from '../delivery';
import { type BrokerLogger } from '../logger';
import { type UnaryHandler, unary } from './handlers';
import { parseProject, parseResourceName } from './names';
import { pageOf } from './paging';
import { type PublishRequest, parseMessages } from './publishRequest';
import { asTopic, parseTopic, topicUpdateRules } from './topics';
import { applyUpdate } from './updateMask';

type Handler<Request, Response> = UnaryHandler<Request, Response>;

/**
 * `google.pubsub.v1.Publisher`.
 *
 * Publish answers after the messages are durable. A call that fails or gets no
 * answer may still have stored them; repeating it stores them again under new
 * message ids, as in Pub/Sub.
 */
export function createPublisher(options: {
  broker: MessageBroker;
  logger: BrokerLogger;
}): UntypedServiceImplementation {
  const { broker, logger } = options;
  const { registry } = broker;

  const createTopic: Handler<Topic, Topic> = async request =>
    asTopic(await registry.createTopic(parseTopic(request)));

  const getTopic: Handler<Requests['GetTopic'], Topic> = request =>
    asTopic(registry.topic(parseResourceName('topics', request.topic)));

  const updateTopic: Handler<
    Requests['UpdateTopic'],
    Topic
  > = async request => {
    const update = request.topic ?? {};
    const name = parseResourceName('topics', update.name);
    const topic = applyUpdate(
      asTopic(registry.topic(name)),
      update,
      request.updateMask,
      topicUpdateRules,
    );
    return asTopic(await registry.updateTopic(parseTopic(topic)));
  };

  const listTopics: Handler<
    Requests['ListTopics'],
    protos.google.pubsub.v1.IListTopicsResponse
  > = request => {
    const prefix = parseProject('topics', request.project);
    const topics = registry
      .topics()
      .filter(({ name }) => name.startsWith(prefix));
    const page = pageOf(topics, ({ name }) => name, request);
    return {
      topics: page.items.map(asTopic),
      nextPageToken: page.nextPageToken,
    };
  };

  const listTopicSubscriptions: Handler<
    Requests['ListTopicSubscriptions'],
    protos.google.pubsub.v1.IListTopicSubscriptionsResponse
  > = request => {
    const { name } = registry.topic(parseResourceName('topics', request.topic));
    const names = registry
      .subscriptionsOf(name)
      .map(({ stored }) => stored.name);
    const page = pageOf(names, each => each, request);
    return { subscriptions: page.items, nextPageToken: page.nextPageToken };
  };

  const deleteTopic: Handler<
    Requests['DeleteTopic'],
    object
  > = async request => {
    await registry.deleteTopic(parseResourceName('topics', request.topic));
    return {};
  };

  const listTopicSnapshots: Handler<
    Requests['ListTopicSnapshots'],
    protos.google.pubsub.v1.IListTopicSnapshotsResponse
  > = request => {
    const { name } = registry.topic(parseResourceName('topics', request.topic));
    const names = registry.snapshotsOf(name).map(snapshot => snapshot.name);
    const page = pageOf(names, each => each, request);
    return { snapshots: page.items, nextPageToken: page.nextPageToken };
  };

  const detachSubscription: Handler<
    Requests['DetachSubscription'],
    object
  > = async request => {
    await registry.detachSubscription(
      parseResourceName('subscriptions', request.subscription),
    );
    return {};
  };

  const publish: Handler<
    PublishRequest,
    protos.google.pubsub.v1.IPublishResponse
  > = async request => {
    const topic = parseResourceName('topics', request.topic);
    const messages = parseMessages(request);
    return { messageIds: await broker.publish(topic, messages) };
  };

  return {
    CreateTopic: unary(logger, createTopic),
    GetTopic: unary(logger, getTopic),
    UpdateTopic: unary(logger, updateTopic),
    ListTopics: unary(logger, listTopics),
    ListTopicSubscriptions: unary(logger, listTopicSubscriptions),
    ListTopicSnapshots: unary(logger, listTopicSnapshots),
    DeleteTopic: unary(logger, deleteTopic),
    DetachSubscription: unary(logger, detachSubscription),
    Publish: unary(logger, publish),
  };
}

type Topic = protos.google.pubsub.v1.ITopic;

interface Requests {
  GetTopic: protos.google.pubsub.v1.IGetTopicRequest;
  UpdateTopic: protos.google.pubsub.v1.IUpdateTopicRequest;
  ListTopics: protos.google.pubsub.v1.IListTopicsRequest;
  ListTopicSubscriptions: protos.google.pubsub.v1.IListTopicSubscriptionsRequest;
  DeleteTopic: protos.google.pubsub.v1.IDeleteTopicRequest;
  ListTopicSnapshots: protos.google.pubsub.v1.IListTopicSnapshotsRequest;
  DetachSubscription: protos.google.pubsub.v1.IDetachSubscriptionRequest;
}
