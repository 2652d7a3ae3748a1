import { status } from '@grpc/grpc-js';
import { ContractSystem, publish } from './__testUtils__/contract';

/** Topics and subscriptions as things to be made, changed and deleted. */
describe('topics and subscriptions', () => {
  let system: ContractSystem;
  beforeAll(async () => {
    system = await ContractSystem.start();
  });
  afterAll(() => system.destroy());

  const update = async (
    name: string,
    subscription: object,
    ...paths: string[]
  ) => {
    const [updated] = await system.raw.updateSubscription({
      subscription: { name, ...subscription },
      updateMask: { paths },
    });
    return updated;
  };

  it('are created, found, listed, changed and deleted', async () => {
    const { pubsub } = system;
    const { topic, subscription } = await system.provision();
    await expect(topic.exists()).resolves.toEqual([true]);
    await expect(subscription.exists()).resolves.toEqual([true]);
    await expect(pubsub.topic('none').exists()).resolves.toEqual([false]);
    await expect(pubsub.createTopic(topic.name)).rejects.toMatchObject({
      code: status.ALREADY_EXISTS,
    });
    await expect(
      pubsub.topic('none').createSubscription('orphan'),
    ).rejects.toMatchObject({ code: status.NOT_FOUND });

    const [metadata] = await subscription.getMetadata();
    expect(metadata).toMatchObject({
      name: subscription.name,
      topic: topic.name,
      ackDeadlineSeconds: 10,
      messageRetentionDuration: { seconds: String(7 * 86_400) },
      expirationPolicy: { ttl: { seconds: String(31 * 86_400) } },
      enableMessageOrdering: false,
      enableExactlyOnceDelivery: false,
      detached: false,
      state: 'ACTIVE',
    });
    await subscription.setMetadata({ ackDeadlineSeconds: 60 });
    const [changed] = await subscription.getMetadata();
    expect(changed.ackDeadlineSeconds).toBe(60);
    await topic.setMetadata({ labels: { tier: 'low' } });
    const [topicMetadata] = await topic.getMetadata();
    expect(topicMetadata.labels).toEqual({ tier: 'low' });

    const [ofTopic] = await topic.getSubscriptions();
    expect(ofTopic.map(({ name }) => name)).toEqual([subscription.name]);
    const [topics] = await pubsub.getTopics({ pageSize: 1 });
    expect(topics.map(({ name }) => name)).toContain(topic.name);
    const [all] = await pubsub.getSubscriptions();
    expect(all.map(({ name }) => name)).toContain(subscription.name);

    await topic.delete();
    await expect(topic.exists()).resolves.toEqual([false]);
    const [orphan] = await subscription.getMetadata();
    expect(orphan.topic).toBe('_deleted-topic_');
    await subscription.setMetadata({ labels: { still: 'here' } });
    await subscription.delete();
    await expect(subscription.exists()).resolves.toEqual([false]);
  });

  it('keep their settings over a restart', async () => {
    const deadLetters = await system.topic();
    const topic = await system.topic();
    await topic.setMetadata({ messageRetentionDuration: { seconds: 3600 } });
    const subscription = await system.subscribe(topic, {
      ackDeadlineSeconds: 33,
      retainAckedMessages: true,
      enableMessageOrdering: true,
      enableExactlyOnceDelivery: true,
      filter: 'attributes:kind',
      deadLetterPolicy: {
        deadLetterTopic: deadLetters.name,
        maxDeliveryAttempts: 7,
      },
      retryPolicy: {
        minimumBackoff: { seconds: 1, nanos: 500_000_000 },
        maximumBackoff: { seconds: 60 },
      },
      expirationPolicy: { ttl: { seconds: 2 * 86_400 } },
      labels: { a: 'b' },
    });
    const [before] = await subscription.getMetadata();
    await system.close();
    await system.open();
    const [after] = await system.pubsub
      .subscription(subscription.name)
      .getMetadata();
    expect(after).toEqual(before);
    expect(after).toMatchObject({
      filter: 'attributes:kind',
      deadLetterPolicy: { maxDeliveryAttempts: 7 },
      retryPolicy: {
        minimumBackoff: { seconds: '1', nanos: 500_000_000 },
        maximumBackoff: { seconds: '60' },
      },
      topicMessageRetentionDuration: { seconds: '3600' },
    });
  });

  it('refuse names outside the grammar', async () => {
    for (const name of ['ab', '1abc', 'googly', 'a b c', 'x'.repeat(256)]) {
      await expect(system.pubsub.createTopic(name)).rejects.toMatchObject({
        code: status.INVALID_ARGUMENT,
      });
    }
  });

  it.each([
    [{ ackDeadlineSeconds: 9 }, 'ack deadline'],
    [{ ackDeadlineSeconds: 601 }, 'ack deadline'],
    [{ messageRetentionDuration: { seconds: 599 } }, 'retention'],
    [{ messageRetentionDuration: { seconds: 32 * 86_400 } }, 'retention'],
    [{ expirationPolicy: { ttl: { seconds: 3600 } } }, 'expiration_policy'],
    [{ filter: 'attributes.x == "y"' }, 'filter'],
    [{ retryPolicy: { maximumBackoff: { seconds: 601 } } }, 'retry policy'],
    [
      {
        retryPolicy: {
          minimumBackoff: { seconds: 9 },
          maximumBackoff: { seconds: 8 },
        },
      },
      'retry policy',
    ],
  ])('refuse the setting %j', async (options, word) => {
    const topic = await system.topic();
    await expect(system.subscribe(topic, options)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(word),
    });
  });

  it('change what an update mask names and nothing else', async () => {
    const { subscription } = await system.provision({
      retryPolicy: {
        minimumBackoff: { seconds: 5 },
        maximumBackoff: { seconds: 50 },
      },
      labels: { keep: 'me' },
    });
    const { name } = subscription;
    await expect(
      update(
        name,
        { retryPolicy: { minimumBackoff: { seconds: 7 } }, labels: {} },
        'retry_policy.minimum_backoff',
      ),
    ).resolves.toMatchObject({
      retryPolicy: {
        minimumBackoff: { seconds: '7' },
        maximumBackoff: { seconds: '50' },
      },
      labels: { keep: 'me' },
    });
    await expect(update(name, {}, 'retry_policy')).resolves.toMatchObject({
      retryPolicy: null,
    });
    await expect(
      update(name, { expirationPolicy: {} }, 'expiration_policy'),
    ).resolves.toMatchObject({ expirationPolicy: { ttl: null } });
  });

  it('refuse masks that are empty, unknown or name what never changes', async () => {
    const { topic, subscription } = await system.provision();
    const { name } = subscription;
    const invalid = (details: string) => ({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(details),
    });
    await expect(update(name, {})).rejects.toMatchObject(
      invalid('must contain a non-empty paths list'),
    );
    await expect(update(name, {}, 'colour')).rejects.toMatchObject(
      invalid("'colour' is not a known Subscription field"),
    );
    for (const path of ['topic', 'filter', 'enable_message_ordering']) {
      await expect(update(name, {}, path)).rejects.toMatchObject(
        invalid(`the '${path}' field in the Subscription is not mutable`),
      );
    }
    await expect(topic.setMetadata({ state: 'ACTIVE' })).rejects.toMatchObject(
      invalid('not mutable'),
    );
    await expect(update(name, {}, 'bigquery_config')).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
    });
    await expect(
      update(name.replace('topic', 'nothing'), {}, 'labels'),
    ).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it('answer what is not served by its name', async () => {
    const { topic, subscription } = await system.provision();
    const unserved = (details: string) => ({
      code: status.UNIMPLEMENTED,
      details: expect.stringContaining(details),
    });
    await expect(topic.iam.getPolicy()).rejects.toMatchObject(
      unserved('google.iam.v1.IAMPolicy/GetIamPolicy'),
    );
    await expect(
      topic.iam.testPermissions('pubsub.topics.get'),
    ).rejects.toMatchObject(
      unserved('google.iam.v1.IAMPolicy/TestIamPermissions'),
    );
    await expect(
      system.pubsub.createSchema('plain', 'AVRO', '{}'),
    ).rejects.toMatchObject(
      unserved('google.pubsub.v1.SchemaService/CreateSchema'),
    );
    await expect(
      subscription.modifyPushConfig({ pushEndpoint: 'https://localhost' }),
    ).rejects.toMatchObject(unserved('push'));
    await expect(
      topic.createSubscription('pushed', { pushEndpoint: 'https://localhost' }),
    ).rejects.toMatchObject(unserved('push_config'));
    await expect(
      topic.setMetadata({ kmsKeyName: 'key' }),
    ).rejects.toMatchObject(unserved('kms_key_name'));
  });

  it('are detached: the backlog goes, and receiving is refused', async () => {
    const { topic, subscription } = await system.provision();
    await publish(topic, ['before']);
    const stream = system.stream(subscription);
    await stream.next();
    await system.pubsub.detachSubscription(subscription.name);
    await expect(
      (async () => {
        for (;;) {
          await stream.next();
        }
      })(),
    ).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
    await expect(subscription.detached()).resolves.toEqual([true]);
    await publish(topic, ['after']);
    await expect(system.pull(subscription)).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
    });
    const [ofTopic] = await topic.getSubscriptions();
    expect(ofTopic).toEqual([]);
    expect(await system.backlogSize(subscription)).toBe(0);
  });
});
