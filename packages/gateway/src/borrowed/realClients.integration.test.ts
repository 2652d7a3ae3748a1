import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompressSync } from 'node:zlib';
import { Message, PubSub } from '@google-cloud/pubsub';
import { RunningBroker, startBroker } from '@millrace/pubsub-local';
import { silentLogger } from '../__testUtils__/fixtures';
import { Gateway, startGateway } from '../gateway';
import { writeSnapshotFile } from '../snapshot/snapshotFile';
import { APP_KEY, borrowedSnapshot } from './__testUtils__/borrowedSnapshot';
import {
  Fault,
  FaultyFront,
  startFaultyFront,
} from './__testUtils__/faultyFront';

jest.setTimeout(120_000);

const PROJECT = 'millrace';
const EVENTS = 200;
/** One in ten does not fit its schema. */
const isBad = (n: number) => n % 10 === 9;

const FAULTS: readonly Fault[] = [
  'none',
  'swallowReply',
  'none',
  'reset',
  'none',
  'overloaded',
  'none',
  'rateLimited',
];

/** Package, name in `runClient.cjs`, event type it sends. */
const clients: [string, string, string][] = [
  ['@segment/analytics-node', 'segment', 'app.order_completed'],
  ['@rudderstack/rudder-sdk-node', 'rudder', 'app.order_completed'],
  ['@opentelemetry/exporter-logs-otlp-http', 'otel', 'shop.order_paid'],
  ['cloudevents, binary mode', 'binaryCloudEvents', 'shop.order_paid'],
  ['cloudevents, structured mode', 'structuredCloudEvents', 'shop.order_paid'],
];

describe('real clients, with faults between them and the gateway', () => {
  let folder: string;
  let broker: RunningBroker;
  let pubsub: PubSub;
  let gateway: Gateway;
  let front: FaultyFront;
  const arrivals = new EventEmitter();
  const received: { topic: string; event: ReceivedEvent }[] = [];
  const subscriptions: { close(): Promise<void> }[] = [];

  interface ReceivedEvent {
    id: string;
    eventId?: string;
    source: string;
    data: unknown;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-'));
    broker = await startBroker({
      dataDir: join(folder, 'broker'),
      port: 0,
      logger: silentLogger,
    });
    process.env.PUBSUB_EMULATOR_HOST = `127.0.0.1:${broker.port}`;
    pubsub = new PubSub({ projectId: PROJECT });
    const snapshot = borrowedSnapshot();
    for (const type of snapshot.eventTypes) {
      await listen(type.topic, type.subscription);
      await listen(type.refusedTopic, type.refusedSubscription);
    }
    const snapshotFile = join(folder, 'snapshot.json');
    await writeSnapshotFile(snapshotFile, snapshot);
    gateway = await startGateway({
      gatewayId: 'gateway-1',
      port: 0,
      projectId: PROJECT,
      snapshotFile,
      logger: silentLogger,
      limits: { drainTimeoutMs: 1_000 },
    });
    front = await startFaultyFront({
      gatewayPort: gateway.port,
      faults: FAULTS,
    });
  });

  afterAll(async () => {
    await front.stop();
    await gateway.stop();
    await Promise.all(subscriptions.map(each => each.close()));
    await pubsub.close();
    await broker.stop();
    await rm(folder, { recursive: true });
    delete process.env.PUBSUB_EMULATOR_HOST;
  });

  async function listen(topic: string, name: string): Promise<void> {
    await pubsub.createTopic(topic);
    const [subscription] = await pubsub.topic(topic).createSubscription(name);
    subscription.on('message', (message: Message) => {
      const lines = zstdDecompressSync(message.data).toString().trimEnd();
      received.push(
        ...lines
          .split('\n')
          .map(line => ({ topic, event: JSON.parse(line) as ReceivedEvent })),
      );
      message.ack();
      arrivals.emit('arrival');
    });
    subscriptions.push(subscription);
  }

  const idsOn = (topic: string) =>
    new Set(
      received
        .filter(each => each.topic === topic)
        .map(({ event }) => event.eventId ?? event.id),
    );

  it.each(clients)(
    '%s: what it takes for delivered is on the broker, each event once by its id',
    async (_package, client, eventType) => {
      const before = { ...front.struck };
      const prefix = `${client}-`;
      const ids = Array.from({ length: EVENTS }, (_, n) => `${prefix}${n}`);
      const { delivered, failed } = await run(client, front.url, prefix);

      expect(failed).toEqual([]);
      expect(delivered.sort()).toEqual([...ids].sort());

      const good = ids.filter((_, n) => !isBad(n));
      const bad = ids.filter((_, n) => isBad(n));
      const topic = `event.${eventType}`;
      const refusedTopic = borrowedSnapshot().eventTypes.find(
        type => type.name === eventType,
      )!.refusedTopic;
      const isComplete = () =>
        good.every(id => idsOn(topic).has(id)) &&
        bad.every(id => idsOn(refusedTopic).has(id));
      while (!isComplete()) {
        await once(arrivals, 'arrival');
      }

      const mine = (all: Set<string>) =>
        [...all].filter(id => id.startsWith(prefix)).sort();
      expect(mine(idsOn(topic))).toEqual([...good].sort());
      expect(mine(idsOn(refusedTopic))).toEqual([...bad].sort());
      // A repeat is the same event to the last byte: the sealer removes it.
      const contents = new Map<string, Set<string>>();
      for (const { event } of received.filter(each => each.topic === topic)) {
        const { id, source, data } = event;
        const content = contents.get(id) ?? new Set();
        contents.set(id, content.add(JSON.stringify([source, data])));
      }
      expect(
        [...contents].filter(([, { size }]) => size > 1).map(([id]) => id),
      ).toEqual([]);
      // The faults did strike.
      for (const fault of FAULTS) {
        expect(front.struck[fault]).toBeGreaterThan(before[fault]);
      }
    },
  );
});

/** One life of a client: sends all events and waits until each is settled. */
async function run(
  client: string,
  url: string,
  prefix: string,
): Promise<{ delivered: string[]; failed: string[] }> {
  const script = join(__dirname, '__testUtils__', 'runClient.cjs');
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    client,
    url,
    APP_KEY,
    prefix,
    String(EVENTS),
  ]);
  return JSON.parse(stdout);
}
