import { type UntypedServiceImplementation } from '@grpc/grpc-js';
import { type protos } from '@google-cloud/pubsub';
import { type MessageBroker } from '../delivery';
import { resourceExhausted } from '../errors';
import { type BrokerLogger } from '../logger';
import { type UnaryHandler, unary } from './handlers';
import { parseProject, parseResourceName } from './names';
import { pageOf } from './paging';
import { parseMessages, parseTopic, parseUpdateMask } from './requests';

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
  /** True while the disk is too full to take more messages. */
  isDiskLow: () => boolean;
}): UntypedServiceImplementation {
  const { broker, logger, isDiskLow } = options;
  const { registry } = broker;

  const createTopic: Handler<Topic, Topic> = async request =>
    asTopic(await registry.createTopic(parseTopic(request)));

  const getTopic: Handler<Requests['GetTopic'], Topic> = request =>
    asTopic(registry.topic(parseResourceName('topics', request.topic)));

  const updateTopic: Handler<
    Requests['UpdateTopic'],
    Topic
  > = async request => {
    const { name, labels } = parseTopic(request.topic ?? {});
    parseUpdateMask(request.updateMask, ['labels']);
    return asTopic(await registry.updateTopic(name, { labels }));
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

  const publish: Handler<
    Requests['Publish'],
    protos.google.pubsub.v1.IPublishResponse
  > = async request => {
    const topic = parseResourceName('topics', request.topic);
    const messages = parseMessages(request.messages);
    if (isDiskLow()) {
      throw resourceExhausted(
        'The disk of the broker is almost full; nothing was stored',
      );
    }
    return { messageIds: await broker.publish(topic, messages) };
  };

  return {
    CreateTopic: unary(logger, createTopic),
    GetTopic: unary(logger, getTopic),
    UpdateTopic: unary(logger, updateTopic),
    ListTopics: unary(logger, listTopics),
    ListTopicSubscriptions: unary(logger, listTopicSubscriptions),
    DeleteTopic: unary(logger, deleteTopic),
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
  Publish: protos.google.pubsub.v1.IPublishRequest;
}

function asTopic(topic: {
  name: string;
  labels: Record<string, string>;
}): Topic {
  return { name: topic.name, labels: topic.labels, state: 'ACTIVE' };
}
