import { AckError } from '@google-cloud/pubsub';
import { status } from '@grpc/grpc-js';
import { ContractSystem, publish, receive } from './__testUtils__/contract';

const INVALID = 'PERMANENT_FAILURE_INVALID_ACK_ID';

/** Exactly-once delivery: an answer to every ack, and one that is true. */
describe('exactly-once delivery', () => {
  let system: ContractSystem;
  beforeAll(async () => {
    system = await ContractSystem.start();
  });
  afterAll(() => system.destroy());

  const provision = () => system.provision({ enableExactlyOnceDelivery: true });

  it('confirms each ackWithResponse of the official subscriber', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['a', 'b', 'c']);
    const answers: Promise<unknown>[] = [];
    await receive(subscription, 3, message =>
      answers.push(message.ackWithResponse()),
    );
    await expect(Promise.all(answers)).resolves.toEqual([
      'SUCCESS',
      'SUCCESS',
      'SUCCESS',
    ]);
    expect(await system.backlogSize(subscription)).toBe(0);
    await subscription.close();
  }, 30_000);

  it('tells the official subscriber that its ack came too late', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['late']);
    const answers: Promise<unknown>[] = [];
    await receive(subscription, 1, message => {
      if (answers.length === 0) {
        // The client believes its lease; the broker's clock says otherwise.
        system.clock.advance(700_000);
        answers.push(message.ackWithResponse());
      }
    });
    const [answer] = await Promise.allSettled(answers);
    expect(answer).toMatchObject({
      status: 'rejected',
      reason: { errorCode: 'INVALID' },
    });
    expect(answer.status === 'rejected' && answer.reason).toBeInstanceOf(
      AckError,
    );
    expect(await system.backlogSize(subscription)).toBe(1);
    await subscription.close();
  }, 30_000);

  it('refuses expired ack ids with the metadata clients read, and keeps the message', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['x']);
    const [expired] = await system.pull(subscription);
    system.clock.advance(10_000);
    const refusal = {
      code: status.INVALID_ARGUMENT,
      reason: 'EXACTLY_ONCE_ACKID_FAILURE',
      domain: 'pubsub.googleapis.com',
      errorInfoMetadata: { [expired.ackId]: INVALID },
    };
    await expect(
      system.acknowledge(subscription, expired),
    ).rejects.toMatchObject(refusal);
    await expect(
      system.modifyDeadline(subscription, 60, expired),
    ).rejects.toMatchObject(refusal);
    const [again] = await system.pull(subscription);
    expect(again.id).toBe(expired.id);
    await expect(
      system.acknowledge(subscription, expired),
    ).rejects.toMatchObject(refusal);
    await system.acknowledge(subscription, again);
    expect(await system.backlogSize(subscription)).toBe(0);
  });

  it('does not deliver again while the lease is valid', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['held']);
    const [held] = await system.pull(subscription);
    for (let minutes = 0; minutes < 30; minutes++) {
      await system.modifyDeadline(subscription, 61, held);
      system.clock.advance(60_000);
      expect(await system.pull(subscription)).toEqual([]);
    }
    await system.acknowledge(subscription, held);
  });

  it('acknowledges what it can of a call that fails in part, and says OK to a repetition', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['good']);
    const [good] = await system.pull(subscription);
    await expect(
      system.acknowledge(subscription, good, { ackId: 'malformed' }),
    ).rejects.toMatchObject({
      errorInfoMetadata: {
        malformed: INVALID,
        [good.ackId]: expect.stringMatching(/^TRANSIENT_/),
      },
    });
    expect(await system.backlogSize(subscription)).toBe(0);
    await system.acknowledge(subscription, good);
  });

  it('refuses ack ids from before a restart', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['x']);
    const [before] = await system.pull(subscription);
    await system.close();
    await system.open();
    const [after] = await system.pull(subscription);
    expect(after.id).toBe(before.id);
    await expect(
      system.acknowledge(subscription, before),
    ).rejects.toMatchObject({ errorInfoMetadata: { [before.ackId]: INVALID } });
    await system.acknowledge(subscription, after);
  });

  it('confirms on the stream what was sent on the stream', async () => {
    const { topic, subscription } = await provision();
    await publish(topic, ['x']);
    const stream = system.stream(subscription);
    expect(await stream.next()).toMatchObject({
      subscriptionProperties: { exactlyOnceDeliveryEnabled: true },
    });
    const [{ ackId }] = (await stream.next()).receivedMessages;
    stream.write({
      modifyDeadlineAckIds: [ackId, 'no'],
      modifyDeadlineSeconds: [60, 60],
    });
    expect(await stream.next()).toMatchObject({
      modifyAckDeadlineConfirmation: {
        ackIds: [ackId],
        invalidAckIds: ['no'],
      },
    });
    stream.write({ ackIds: [ackId, 'no'] });
    expect(await stream.next()).toMatchObject({
      acknowledgeConfirmation: { ackIds: [ackId], invalidAckIds: ['no'] },
    });
    stream.end();
  });

  it('takes acks of an ordering key in its order only', async () => {
    const topic = await system.topic();
    topic.setPublishOptions({ messageOrdering: true });
    const subscription = await system.subscribe(topic, {
      enableExactlyOnceDelivery: true,
      enableMessageOrdering: true,
    });
    await publish(topic, ['1', '2'], { orderingKey: 'k' });
    const [one, two] = await system.pull(subscription);
    await expect(system.acknowledge(subscription, two)).rejects.toMatchObject({
      errorInfoMetadata: {
        [two.ackId]: 'TRANSIENT_FAILURE_UNORDERED_ACK_ID',
      },
    });
    await system.acknowledge(subscription, two, one);
    expect(await system.backlogSize(subscription)).toBe(0);
  });
});
