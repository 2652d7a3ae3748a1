import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { connect } from './__testUtils__/clients';
import { ContractSystem, publish, until } from './__testUtils__/contract';
import { startBroker } from './broker';

/** The life of a StreamingPull call, and of the broker around it. */
describe('streams', () => {
  let system: ContractSystem;
  beforeAll(async () => {
    system = await ContractSystem.start();
  });
  afterAll(() => system.destroy());

  it('answer each keep-alive frame with one empty frame, for as long as they are idle', async () => {
    const { topic, subscription } = await system.provision();
    const stream = system.stream(subscription, { protocolVersion: 1 });
    expect(await stream.next()).toMatchObject({
      receivedMessages: [],
      subscriptionProperties: {
        exactlyOnceDeliveryEnabled: false,
        messageOrderingEnabled: false,
      },
    });
    // Ten idle minutes of pings, one each 30 s of the broker's clock.
    for (let ping = 0; ping < 20; ping++) {
      system.clock.advance(30_000);
      stream.write({});
      expect(await stream.next()).toMatchObject({
        receivedMessages: [],
        subscriptionProperties: null,
        acknowledgeConfirmation: null,
      });
    }
    await publish(topic, ['still here']);
    const { receivedMessages } = await stream.next();
    expect(receivedMessages[0].message.data.toString()).toBe('still here');
    stream.end();
  });

  it('do not answer empty frames of clients that know no keep-alive', async () => {
    const { topic, subscription } = await system.provision();
    const stream = system.stream(subscription);
    await stream.next();
    stream.write({});
    await publish(topic, ['first']);
    const { receivedMessages } = await stream.next();
    expect(receivedMessages).toHaveLength(1);
    stream.end();
  });

  it('are not opened anew by a client that idles through its own keep-alive', async () => {
    const { topic, subscription } = await system.provision();
    const pings: (() => void)[] = [];
    const realSetInterval = global.setInterval;
    // The client pings by an interval of 30 s; only its pace is changed.
    const interval = jest
      .spyOn(global, 'setInterval')
      .mockImplementation((task: () => void, ms?: number) => {
        if (ms === 30_000) {
          pings.push(task);
        }
        return realSetInterval(task, ms);
      });
    try {
      const debug: string[] = [];
      const received: string[] = [];
      subscription.on('debug', message => debug.push(String(message)));
      subscription.on('message', message => {
        received.push(message.data.toString());
        message.ack();
      });
      await until(() => pings.length > 0);
      await publish(topic, ['one']);
      await until(() => received.length === 1);
      for (let ping = 0; ping < 20; ping++) {
        pings.forEach(task => task());
        await new Promise(resolve => setImmediate(resolve));
      }
      await publish(topic, ['two']);
      await until(() => received.length === 2);
      expect(debug).toEqual([]);
      await subscription.close();
    } finally {
      interval.mockRestore();
    }
  });

  it('honour acks and deadlines sent on them', async () => {
    const { topic, subscription } = await system.provision();
    const stream = system.stream(subscription, { maxOutstandingMessages: 1 });
    await stream.next();
    await publish(topic, ['one', 'two']);
    const one = (await stream.next()).receivedMessages[0];
    stream.write({ ackIds: [one.ackId] });
    const two = (await stream.next()).receivedMessages[0];
    expect(two.message.data.toString()).toBe('two');
    stream.write({
      modifyDeadlineAckIds: [two.ackId],
      modifyDeadlineSeconds: [0],
    });
    const again = (await stream.next()).receivedMessages[0];
    expect(again.message.messageId).toBe(two.message.messageId);
    expect(await system.backlogSize(subscription)).toBe(1);

    await subscription.delete();
    await expect(stream.next()).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
  });

  it.each([
    [{ ackIds: ['?'] }, 'Malformed ack id'],
    [{ modifyDeadlineAckIds: ['?'] }, 'same length'],
    [{ maxOutstandingMessages: 5 }, 'first request only'],
    [{ streamAckDeadlineSeconds: 5 }, 'ack deadline'],
  ])('end with INVALID_ARGUMENT on %j', async (frame, details) => {
    const { subscription } = await system.provision();
    const stream = system.stream(subscription);
    await stream.next();
    stream.write(frame);
    await expect(stream.next()).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(details),
    });
  });

  it('are told when the subscription changes', async () => {
    const { subscription } = await system.provision();
    const stream = system.stream(subscription);
    await stream.next();
    await subscription.setMetadata({ enableExactlyOnceDelivery: true });
    expect(await stream.next()).toMatchObject({
      subscriptionProperties: { exactlyOnceDeliveryEnabled: true },
    });
    stream.end();
  });

  it('end with UNAVAILABLE when the broker stops, and the client comes back by itself', async () => {
    const dataDir = join(system.dataDir, 'stopping');
    const logger = { info: () => {}, warn: () => {}, error: () => {} };
    let broker = await startBroker({ dataDir, port: 0, logger });
    const { port } = broker;
    const { pubsub, subscriber, close } = connect(system.projectId, port);
    const [topic] = await pubsub.createTopic('stopping');
    const [subscription] = await topic.createSubscription('stopping.all');
    const stream = subscriber.streamingPull();
    const responses = stream[Symbol.asyncIterator]();
    stream.write({
      subscription: subscription.name,
      streamAckDeadlineSeconds: 10,
    });
    await responses.next();
    const received: string[] = [];
    const errors: Error[] = [];
    subscription.on('error', error => errors.push(error));
    subscription.on('message', message => {
      received.push(message.data.toString());
      message.ack();
    });
    await publish(topic, ['before']);
    // Either the stream of the test or of the subscriber gets the message.
    const [ended] = await Promise.allSettled([
      (async () => {
        for (;;) {
          await responses.next();
        }
      })(),
      broker.stop(),
    ]);
    expect(ended).toMatchObject({
      status: 'rejected',
      reason: { code: status.UNAVAILABLE },
    });

    broker = await startBroker({ dataDir, port, logger });
    await publish(topic, ['after']);
    await until(() => received.includes('after'));
    expect(errors).toEqual([]);
    await subscription.close();
    await close();
    await broker.stop();
  }, 60_000);

  it('are not served where the broker cannot start, and it says why', async () => {
    const { dataDir } = system;
    const logger = { info: () => {}, warn: () => {}, error: () => {} };
    const start = (directory: string, port = 0) =>
      startBroker({ dataDir: directory, port, logger });
    await expect(
      start(join(dataDir, 'third'), system.broker.port),
    ).rejects.toMatchObject({ code: 'port_in_use' });
    await expect(start(dataDir)).rejects.toMatchObject({
      code: 'data_dir_locked',
    });
    writeFileSync(join(dataDir, 'file'), '');
    await expect(start(join(dataDir, 'file'))).rejects.toMatchObject({
      code: 'data_dir_unusable',
    });
  });
});
