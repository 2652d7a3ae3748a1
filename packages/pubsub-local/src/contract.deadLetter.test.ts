import { status } from '@grpc/grpc-js';
import { ContractSystem, publish, until } from './__testUtils__/contract';

/** Dead-letter policies: counting attempts, and where a message goes then. */
describe('dead letters', () => {
  let system: ContractSystem;
  beforeAll(async () => {
    system = await ContractSystem.start();
  });
  afterAll(() => system.destroy());

  const provision = async () => {
    const deadLetters = await system.topic();
    const { topic, subscription } = await system.provision({
      deadLetterPolicy: {
        deadLetterTopic: deadLetters.name,
        maxDeliveryAttempts: 5,
      },
    });
    return { topic, subscription, deadLetters };
  };

  /** Nacks what comes, `times` over; gives the attempts that were counted. */
  const fail = async (subscription: { name: string }, times: number) => {
    const attempts: number[] = [];
    for (let time = 0; time < times; time++) {
      const messages = await system.pull(subscription);
      attempts.push(...messages.map(({ attempt }) => attempt));
      await system.nack(subscription, ...messages);
    }
    return attempts;
  };

  it('leave after the last attempt, with what Pub/Sub says about their origin', async () => {
    const { topic, subscription, deadLetters } = await provision();
    const dead = await system.subscribe(deadLetters);
    await publish(topic, ['poison'], { attributes: { own: 'kept' } });
    const publishedAt = new Date(system.clock.wallMs()).toISOString();
    expect(await fail(subscription, 5)).toEqual([1, 2, 3, 4, 5]);

    await until(async () => (await system.backlogSize(dead)) === 1);
    expect(await system.backlogSize(subscription)).toBe(0);
    const [letter] = await system.pull(dead);
    expect(letter).toMatchObject({
      text: 'poison',
      attempt: 0,
      attributes: {
        own: 'kept',
        CloudPubSubDeadLetterSourceDeliveryCount: '5',
        CloudPubSubDeadLetterSourceSubscription: subscription.name
          .split('/')
          .at(-1),
        CloudPubSubDeadLetterSourceSubscriptionProject: system.projectId,
        CloudPubSubDeadLetterSourceTopicPublishTime: publishedAt,
      },
    });
  });

  it('count a deadline that passed as an attempt', async () => {
    const { topic, subscription, deadLetters } = await provision();
    const dead = await system.subscribe(deadLetters);
    await publish(topic, ['slow']);
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect(await system.pull(subscription)).toMatchObject([{ attempt }]);
      system.clock.advance(10_000);
    }
    await until(async () => (await system.backlogSize(dead)) === 1);
  });

  it('stay, and are delivered on, while nobody would get them', async () => {
    const { topic, subscription, deadLetters } = await provision();
    await publish(topic, ['kept']);
    expect(await fail(subscription, 7)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(system.warnings.at(-1)).toContain('nobody would get it');
    expect(await system.backlogSize(subscription)).toBe(1);

    const dead = await system.subscribe(deadLetters);
    expect(await fail(subscription, 1)).toEqual([8]);
    await until(async () => (await system.backlogSize(dead)) === 1);
    expect(await system.backlogSize(subscription)).toBe(0);
  });

  it('stay when their topic was deleted', async () => {
    const { topic, subscription, deadLetters } = await provision();
    await deadLetters.delete();
    await publish(topic, ['kept']);
    await fail(subscription, 6);
    expect(await system.texts(subscription)).toEqual(['kept']);
  });

  it('are counted on over a restart', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['x']);
    await fail(subscription, 3);
    await system.close();
    await system.open();
    expect(await fail(subscription, 1)).toEqual([4]);
  });

  it('free the ordering key they held up', async () => {
    const deadLetters = await system.topic();
    const dead = await system.subscribe(deadLetters);
    const topic = await system.topic();
    topic.setPublishOptions({ messageOrdering: true });
    const subscription = await system.subscribe(topic, {
      enableMessageOrdering: true,
      deadLetterPolicy: {
        deadLetterTopic: deadLetters.name,
        maxDeliveryAttempts: 5,
      },
    });
    await publish(topic, ['poison', 'good'], { orderingKey: 'k' });
    for (let attempt = 1; attempt <= 5; attempt++) {
      const [poison] = await system.pull(subscription, 1);
      expect(poison).toMatchObject({ text: 'poison', attempt });
      await system.nack(subscription, poison);
    }
    expect(await system.pull(subscription)).toMatchObject([
      { text: 'good', attempt: 1 },
    ]);
    await until(async () => (await system.backlogSize(dead)) === 1);
  });

  it('need a policy of 5 to 100 attempts and a topic that exists', async () => {
    const topic = await system.topic();
    const attempt = (maxDeliveryAttempts: number, deadLetterTopic: string) =>
      system.subscribe(topic, {
        deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts },
      });
    for (const attempts of [4, 101]) {
      await expect(attempt(attempts, topic.name)).rejects.toMatchObject({
        code: status.INVALID_ARGUMENT,
      });
    }
    await expect(
      attempt(5, topic.name.replace('topic-', 'nothing-')),
    ).rejects.toMatchObject({ code: status.NOT_FOUND });
  });
});
