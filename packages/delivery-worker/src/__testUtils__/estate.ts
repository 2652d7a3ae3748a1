import { mkdtemp, rm } from 'node:fs/promises';
import { AddressInfo, connect, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  createLedgerClient,
  migrateLedger,
  publishConfigSnapshot,
} from '@millrace/ledger';
import { startBroker } from '@millrace/pubsub-local';
import {
  REFUSED_SUBSCRIPTION,
  REFUSED_TOPIC,
  refusedSubscriptionOf,
  refusedTopicOf,
  subscriptionOf,
  topicOf,
} from '@millrace/schema';
import { Knex } from 'knex';
import type { PublishedBatch } from '../consumer/__testUtils__/batches';

export const PROJECT_ID = 'millrace-test';

// Otherwise the Google clients first look for the metadata server of a cloud.
process.env.METADATA_SERVER_DETECTION = 'none';

export const silent = { debug() {}, info() {}, warn() {}, error() {} };

const schema = {
  type: 'record',
  name: 'Event',
  fields: [{ name: 'n', type: 'long' }],
};

/**
 * Broker, ledger and folders for one test: the real things, the ledger behind a
 * line that can be cut.
 */
export interface Estate {
  root: string;
  stagingDir: string;
  pubsub: PubSub;
  brokerAddress: string;
  /** For arranging and looking; not cut. */
  db: Knex;
  /** What the worker gets. */
  ledger: Knex;
  /** Of the same line as `ledger`. */
  ledgerUrl: string;
  cutLedger(): void;
  mendLedger(): void;
  /** Another worker's ledger, over a line of its own. */
  secondLedger(): Promise<{
    ledger: Knex;
    cut(): void;
    /** Nothing gets through, and nobody is told: as when a machine vanishes. */
    freeze(): void;
    mend(): void;
    close(): Promise<void>;
  }>;
  restartBroker(): Promise<void>;
  /** Creates topics and subscriptions, and makes these the types of the config. */
  provision(eventTypes: string[]): Promise<void>;
  configure(eventTypes: string[]): Promise<void>;
  publish(topic: string, batch: PublishedBatch): Promise<void>;
  close(): Promise<void>;
}

export async function createEstate(databases: TestDatabases): Promise<Estate> {
  const db = await databases.init('POSTGRES_18');
  await migrateLedger(db);
  const root = await mkdtemp(join(tmpdir(), 'worker-'));
  const line = await createLine(connectionOf(db));
  const ledger = createLedgerClient({ connectionString: line.url });

  const brokerOptions = {
    dataDir: join(root, 'broker'),
    host: '127.0.0.1',
    logger: silent,
  };
  let broker = await startBroker({ ...brokerOptions, port: 0 });
  const { port } = broker;
  const brokerAddress = `127.0.0.1:${port}`;
  const pubsub = new PubSub({
    projectId: PROJECT_ID,
    apiEndpoint: brokerAddress,
    emulatorMode: true,
  });
  const create = async (topic: string, subscription: string) => {
    const [exists] = await pubsub.topic(topic).exists();
    if (!exists) {
      await pubsub.createTopic(topic);
      await pubsub.createSubscription(topic, subscription, {
        ackDeadlineSeconds: 10,
      });
    }
  };

  const estate: Estate = {
    root,
    stagingDir: join(root, 'staging'),
    pubsub,
    brokerAddress,
    db,
    ledger,
    ledgerUrl: line.url,
    cutLedger: line.cut,
    mendLedger: line.mend,
    async secondLedger() {
      const second = await createLine(connectionOf(db));
      const client = createLedgerClient({ connectionString: second.url });
      return {
        ledger: client,
        cut: second.cut,
        freeze: second.freeze,
        mend: second.mend,
        async close() {
          await client.destroy();
          await second.close();
        },
      };
    },
    async restartBroker() {
      await broker.stop();
      broker = await startBroker({ ...brokerOptions, port });
    },
    async provision(eventTypes) {
      await create(REFUSED_TOPIC, REFUSED_SUBSCRIPTION);
      for (const name of eventTypes) {
        await create(topicOf(name), subscriptionOf(name));
        await create(refusedTopicOf(name), refusedSubscriptionOf(name));
      }
      await estate.configure(eventTypes);
    },
    async configure(eventTypes) {
      await publishConfigSnapshot(db, {
        bucketSeconds: 60,
        writeKeys: [],
        eventTypes: eventTypes.map(name => ({
          name,
          tier: 'normal',
          version: 1,
          schema,
          topic: topicOf(name),
          subscription: subscriptionOf(name),
          refusedTopic: refusedTopicOf(name),
          refusedSubscription: refusedSubscriptionOf(name),
        })),
      });
    },
    async publish(topic, batch) {
      await pubsub.topic(topic).publishMessage(batch);
    },
    async close() {
      await pubsub.close();
      await ledger.destroy();
      await line.close();
      await broker.stop();
      await rm(root, { recursive: true });
    },
  };
  return estate;
}

/** Waits for something to become so; a time limit turns a hang into a failure. */
export async function eventually<T>(
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) {
      return seen;
    }
    if (Date.now() > deadline) {
      throw new Error(`Still not so: ${JSON.stringify(seen)}`);
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

function connectionOf(db: Knex): URL {
  const { connection } = db.client.config;
  const url = new URL(
    process.env.BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING!,
  );
  url.pathname = `/${connection.database}`;
  return url;
}

/** A TCP line to the given server that can be cut and mended. */
async function createLine(to: URL) {
  const open = new Set<Socket>();
  let isCut = false;
  let isFrozen = false;
  const server = createServer(near => {
    if (isCut) {
      near.destroy();
      return;
    }
    if (isFrozen) {
      open.add(near);
      near.on('error', () => {});
      return;
    }
    const far = connect(Number(to.port), to.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(to);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = () => {
    isCut = true;
    open.forEach(socket => socket.destroy());
  };
  return {
    url: url.toString(),
    cut,
    freeze() {
      isFrozen = true;
      open.forEach(socket => {
        socket.unpipe();
        socket.pause();
      });
    },
    mend() {
      if (isFrozen) {
        isFrozen = false;
        open.forEach(socket => socket.destroy());
      }
      isCut = false;
    },
    async close() {
      cut();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
