import { PubSub, v1 } from '@google-cloud/pubsub';
import { compressionAlgorithms, credentials, status } from '@grpc/grpc-js';
import { ContractSystem, receive } from './__testUtils__/contract';

/** What a publish request may hold, and how it may travel. */
describe('the limits of publishing', () => {
  let system: ContractSystem;
  let publisher: v1.PublisherClient;
  beforeAll(async () => {
    system = await ContractSystem.start();
    publisher = new v1.PublisherClient({
      projectId: system.projectId,
      apiEndpoint: '127.0.0.1',
      port: system.broker.port,
      sslCreds: credentials.createInsecure(),
    });
  });
  afterAll(async () => {
    await publisher.close();
    await system.destroy();
  });

  const tooLarge = (what: string, value: number, max: number) => ({
    code: status.INVALID_ARGUMENT,
    details: `The value for ${what} is too large. You passed ${value} in the request, but the maximum value is ${max}.`,
  });

  it('carry a message of almost 10 MB, and one with attributes only', async () => {
    const { topic, subscription } = await system.provision();
    const data = Buffer.alloc(9_999_900, 'millrace');
    await publisher.publish({ topic: topic.name, messages: [{ data }] });
    await topic.publishMessage({ attributes: { only: 'this' } });
    const messages = await receive(subscription, 2, m => m.ack());
    await subscription.close();
    const [small, large] = messages.sort((a, b) => a.length - b.length);
    expect(small.attributes).toEqual({ only: 'this' });
    expect(large.data.equals(data)).toBe(true);
  }, 30_000);

  it('refuse more than 10 MB or 1,000 messages in a request, in Pub/Sub’s words', async () => {
    const topic = await system.topic();
    const send = (messages: { data: Buffer }[]) =>
      publisher.publish({ topic: topic.name, messages });
    await expect(
      send([{ data: Buffer.alloc(10_000_000) }]),
    ).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(
        /^The value for request_size is too large\. You passed 100000\d\d in the request, but the maximum value is 10000000\.$/,
      ),
    });
    await expect(
      send(Array.from({ length: 1001 }, () => ({ data: Buffer.from('x') }))),
    ).rejects.toMatchObject(tooLarge('message_count', 1001, 1000));
    await expect(send([])).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
    await expect(send([{ data: Buffer.alloc(0) }])).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
  }, 30_000);

  it('refuse attributes that are too many, too long or reserved', async () => {
    const topic = await system.topic();
    const many = Object.fromEntries(
      Array.from({ length: 101 }, (_, index) => [`key${index}`, '']),
    );
    await expect(
      topic.publishMessage({ attributes: many }),
    ).rejects.toMatchObject(tooLarge('attributes_count', 101, 100));
    await expect(
      topic.publishMessage({ attributes: { ['k'.repeat(257)]: '' } }),
    ).rejects.toMatchObject(tooLarge('attribute_key_size', 257, 256));
    await expect(
      topic.publishMessage({ attributes: { key: 'ü'.repeat(513) } }),
    ).rejects.toMatchObject(tooLarge('attribute_value_size', 1026, 1024));
    await expect(
      topic.publishMessage({ attributes: { googclient: 'x' } }),
    ).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('refuse a request with two ordering keys', async () => {
    const topic = await system.topic();
    await expect(
      publisher.publish({
        topic: topic.name,
        messages: [
          { data: Buffer.from('1'), orderingKey: 'a' },
          { data: Buffer.from('2'), orderingKey: 'b' },
        ],
      }),
    ).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('all messages must have'),
    });
  });

  it('take requests compressed with gzip', async () => {
    const { topic, subscription } = await system.provision();
    const options = {
      projectId: system.projectId,
      emulatorMode: true,
      apiEndpoint: `127.0.0.1:${system.broker.port}`,
      // Handed on to the channel as it is.
      'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
    };
    const compressing = new PubSub(options);
    const data = Buffer.alloc(200_000, 'millrace');
    await compressing.topic(topic.name).publishMessage({ data });
    const [message] = await receive(
      compressing.subscription(subscription.name),
      1,
      m => m.ack(),
    );
    expect(message.data.equals(data)).toBe(true);
    await compressing.close();
  });
});
