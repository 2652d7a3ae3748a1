import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { TestDatabases } from '@backstage/backend-test-utils';
import { Message, PubSub } from '@google-cloud/pubsub';
import {
  createLedgerClient,
  createWriteKey,
  listGateways,
  listWriteKeys,
  migrateLedger,
  publishConfigSnapshot,
} from '@millrace/ledger';
import { RunningBroker, startBroker } from '@millrace/pubsub-local';
import {
  parseBatchAttributes,
  refusedSubscriptionOf,
  StoredEvent,
} from '@millrace/schema';
import type { Knex } from 'knex';
import { createSnapshot, event, silentLogger } from './__testUtils__/fixtures';
import { startTcpProxy, TcpProxy } from './__testUtils__/tcpProxy';
import { createPost, TestReply } from './__testUtils__/testServer';
import { Gateway, startGateway } from './gateway';

const PROJECT = 'millrace';
const BUCKET_SECONDS = 1;

jest.setTimeout(60_000);

/** The shape of one row of declared counts. */
interface DeclaredCount {
  bucketStart: Date;
  eventType: string;
  lastBatch: number;
  abandoned: number[];
  events: string;
}

describe('a gateway with a real broker and a real ledger', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let folder: string;
  let broker: RunningBroker;
  let pubsub: PubSub;
  let db: Knex;
  let proxy: TcpProxy;
  let ledger: Knex;
  let writeKey: string;
  let gateway: Gateway | undefined;
  let lastGateway = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-'));
    await startTestBroker(0);
    process.env.PUBSUB_EMULATOR_HOST = `127.0.0.1:${broker.port}`;
    pubsub = new PubSub({ projectId: PROJECT });
    const { eventTypes } = createSnapshot();
    const topics = [
      ...eventTypes,
      ...eventTypes.slice(0, 1).map(type => ({
        topic: type.refusedTopic,
        subscription: type.refusedSubscription,
      })),
      { topic: 'refused-events', subscription: 'refused-events.delivery' },
    ];
    for (const { topic, subscription } of topics) {
      await pubsub.createTopic(topic);
      await pubsub.topic(topic).createSubscription(subscription);
    }

    db = await databases.init('POSTGRES_18');
    await migrateLedger(db);
    const { host, port, user, password, database } =
      db.client.connectionSettings;
    proxy = await startTcpProxy({ host, port: Number(port) });
    ledger = createLedgerClient({
      connectionString: `postgresql://${user}:${password}@127.0.0.1:${proxy.port}/${database}`,
    });
    ({ writeKey } = await createWriteKey(db, {
      name: 'test',
      createdBy: 'user:default/tester',
    }));
    const [{ keyId }] = await listWriteKeys(db);
    const { secret_hash: secretHash } = await db('write_keys').first();
    await publishConfigSnapshot(db, {
      bucketSeconds: BUCKET_SECONDS,
      eventTypes,
      writeKeys: [{ keyId, secretHash, kind: 'server' }],
    });
  });

  afterEach(async () => {
    await gateway?.stop();
    gateway = undefined;
  });

  afterAll(async () => {
    await ledger.destroy();
    await proxy.cut();
    await pubsub.close();
    await broker.stop();
    await rm(folder, { recursive: true });
    delete process.env.PUBSUB_EMULATOR_HOST;
  });

  async function startTestBroker(port: number) {
    broker = await startBroker({
      dataDir: join(folder, 'broker'),
      port,
      logger: silentLogger,
    });
  }

  async function start(
    options: { snapshotFile?: string; withLedger?: boolean } = {},
  ) {
    lastGateway += 1;
    gateway = await startGateway({
      gatewayId: `gateway-${lastGateway}`,
      port: 0,
      projectId: PROJECT,
      ledger: options.withLedger === false ? undefined : ledger,
      snapshotFile:
        options.snapshotFile ?? join(folder, `snapshot-${lastGateway}.json`),
      logger: silentLogger,
      limits: { publishTimeoutMs: 1_500, drainTimeoutMs: 3_000 },
    });
    return gateway;
  }

  const url = () => `http://127.0.0.1:${gateway?.port}`;
  const isReady = async () => (await fetch(`${url()}/readyz`)).status === 200;
  const post = (body: unknown): Promise<TestReply> =>
    createPost(url())(body, { authorization: `Bearer ${writeKey}` });

  async function waitFor(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  async function declaredCounts(epoch: string): Promise<DeclaredCount[]> {
    return db('gateway_bucket_counts')
      .where({ epoch })
      .orderBy('bucket_start')
      .select({
        bucketStart: 'bucket_start',
        eventType: 'event_type',
        lastBatch: 'last_batch',
        abandoned: 'abandoned_batches',
        events: 'events',
      });
  }

  /** Takes messages off a subscription until there are as many as expected. */
  async function receive(
    subscription: string,
    isEnough: (messages: Message[]) => boolean,
  ): Promise<Message[]> {
    const messages: Message[] = [];
    const source = pubsub.subscription(subscription);
    await new Promise<void>((resolve, reject) => {
      source.on('error', reject);
      source.on('message', (message: Message) => {
        messages.push(message);
        message.ack();
        if (isEnough(messages)) {
          resolve();
        }
      });
    });
    await source.close();
    return messages;
  }

  const eventsOf = (message: Message): StoredEvent[] =>
    zstdDecompressSync(message.data)
      .toString()
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));

  it('publishes what it accepts, keeps what it refuses, and declares exactly that', async () => {
    const { epoch } = await start();
    await waitFor(isReady);

    const bodies = Array.from({ length: 30 }, (_, n) => [
      event({ id: `a${n}` }),
      event({ id: `r${n}`, data: {} }),
      event({ id: `b${n}`, type: 'shop.refund' }),
    ]);
    const replies: TestReply[] = [];
    for (const body of bodies) {
      replies.push(await post(body));
      await new Promise(resolve => setTimeout(resolve, 60));
    }
    expect(replies.map(({ status }) => status)).toEqual(Array(30).fill(207));
    const [alive] = await listGateways(db, { activeSince: new Date(0) });
    expect(alive).toMatchObject({
      gateway: 'gateway-1',
      epoch,
      alive: true,
      generation: 1,
    });
    await gateway!.stop();

    const isComplete = (messages: Message[]) =>
      messages.flatMap(eventsOf).length >= 30;
    const orders = await receive('event.shop.order.delivery', isComplete);
    const refused = await receive(
      refusedSubscriptionOf('shop.order'),
      isComplete,
    );
    expect(
      orders
        .flatMap(eventsOf)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(bodies.map((_, n) => `a${n}`).sort());
    expect(
      refused
        .flatMap(message =>
          eventsOf(message).map(each => (each as { eventId?: string }).eventId),
        )
        .sort(),
    ).toEqual(bodies.map((_, n) => `r${n}`).sort());

    const counts = await declaredCounts(epoch);
    const ofOrders = counts.filter(each => each.eventType === 'shop.order');
    expect(
      new Set(ofOrders.map(each => +each.bucketStart)).size,
    ).toBeGreaterThan(1);
    for (const count of ofOrders) {
      const batches = orders.filter(
        message =>
          +parseBatchAttributes(message.attributes).bucket.start ===
          +count.bucketStart,
      );
      expect(
        batches
          .map(message => parseBatchAttributes(message.attributes).batch)
          .sort((a, b) => a - b),
      ).toEqual(Array.from({ length: count.lastBatch }, (_, n) => n + 1));
      expect(Number(count.events)).toBe(batches.flatMap(eventsOf).length);
    }
    expect(counts.reduce((sum, each) => sum + Number(each.events), 0)).toBe(60);

    const buckets = await db('gateway_buckets')
      .where({ epoch })
      .orderBy('bucket_start')
      .pluck('bucket_start');
    expect(buckets.map(Number)).toEqual(
      buckets.map((_, n) => Number(buckets[0]) + n * BUCKET_SECONDS * 1000),
    );
    const [ended] = await listGateways(db, { activeSince: new Date(0) });
    expect(ended.endedAt).toBeInstanceOf(Date);
    expect(+ended.endedAt!).toBeGreaterThanOrEqual(+buckets.at(-1)!);
  });

  it('keeps refusals on the topic of all types while the one of theirs is missing', async () => {
    await start();
    await waitFor(isReady);

    const reply = await post([event({ type: 'shop.refund', data: {} })]);

    expect(reply.status).toBe(400);
    const [message] = await receive(
      'refused-events.delivery',
      messages => messages.length > 0,
    );
    expect(eventsOf(message)).toMatchObject([{ eventType: 'shop.refund' }]);
  });

  it('never says stored while the broker is away, and works when it is back', async () => {
    const { epoch } = await start();
    await waitFor(isReady);
    const { port } = broker;
    await broker.stop();

    const body = [event({ id: 'during-outage' })];
    for (let n = 0; n < 3; n++) {
      const reply = await post(body);
      expect(reply.status).toBe(503);
      expect(reply.body).toMatchObject({
        accepted: 0,
        failed: [{ reason: 'broker_unavailable', retriable: true }],
      });
    }
    await waitFor(async () => !(await isReady()));

    await startTestBroker(port);
    await waitFor(isReady);
    const reply = await post(body);
    expect(reply.status).toBe(200);
    await gateway!.stop();

    const counts = await declaredCounts(epoch);
    const abandoned = counts.flatMap(each => each.abandoned);
    expect(abandoned.length).toBe(3);
    expect(counts.reduce((sum, each) => sum + Number(each.events), 0)).toBe(1);
  });

  it('goes on accepting without the ledger, and declares every bucket once it is back', async () => {
    const { epoch } = await start();
    await waitFor(isReady);
    // The database client logs each lost connection.
    const log = jest.spyOn(console, 'log').mockImplementation();
    await proxy.cut();

    const startedAt = Date.now();
    let accepted = 0;
    while (Date.now() < startedAt + 2_500) {
      const reply = await post([event()]);
      expect(reply.status).toBe(200);
      accepted += 1;
    }
    expect(await isReady()).toBe(true);

    await proxy.restore();
    await waitFor(async () => {
      const counts = await declaredCounts(epoch);
      const declared = counts.reduce(
        (sum, each) => sum + Number(each.events),
        0,
      );
      return declared === accepted;
    });
    log.mockRestore();
  });

  it('starts without the ledger from what it ran before, and without either says so', async () => {
    const snapshotFile = join(folder, 'kept.json');
    await start({ snapshotFile });
    await waitFor(isReady);
    await gateway!.stop();

    await start({ snapshotFile, withLedger: false });
    await waitFor(isReady);
    await expect(post([event()])).resolves.toMatchObject({ status: 200 });
    await gateway!.stop();

    await start({ withLedger: false });
    const reply = await post([event()]);
    expect(reply.status).toBe(503);
    expect(reply.body.error?.reason).toBe('not_ready');
    expect(await isReady()).toBe(false);
    expect((await fetch(`${url()}/healthz`)).status).toBe(200);
  });

  it('answers the request under way when it is told to stop, and takes no other', async () => {
    await start();
    await waitFor(isReady);
    const outgoing = request(`${url()}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${writeKey}`,
        'content-type': 'application/json',
        expect: '100-continue',
      },
    });
    outgoing.flushHeaders();
    await once(outgoing, 'continue');

    const stopped = gateway!.stop();
    await expect(fetch(`${url()}/healthz`)).rejects.toThrow();
    outgoing.end(JSON.stringify([event()]));
    const [reply]: IncomingMessage[] = await once(outgoing, 'response');
    reply.resume();
    await stopped;

    expect(reply.statusCode).toBe(200);
    expect(reply.headers.connection).toBe('close');
  });
});
