import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PubSub } from '@google-cloud/pubsub';
import { createDrain } from '../oracle/drain.mjs';
import { root } from '../../lib/project.mjs';
import { freePort } from '../../lib/testDatabase.mjs';
import { startDatabase } from './database.mjs';
import { Journal } from './journal.mjs';
import { Victim } from './process.mjs';
import { startRecorder } from './recorder.mjs';
import { ledger, schema } from './rooms.mjs';
import { EVENT_SCHEMA, EVENT_TYPES } from './events.mjs';
import { until } from './wait.mjs';

const PROJECT = 'faults';
const MILLRACE = path.join(root, 'packages/runtime/bin/millrace');
const SENDER = fileURLToPath(new URL('./sender.cjs', import.meta.url));
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL'];
const READY_LIMIT_MS = 30_000;
/** So small that its files fill up, are replaced and go. */
const SMALL_QUEUE = 128 * 1024;

/**
 * One installation under test: database, broker, gateway and a sender, each a
 * real process; between sender and gateway the recorder, and the oracle's
 * subscriptions on every topic.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv, bucketSeconds?: number,
 *   withWorker?: boolean, withSender?: boolean, gateways?: number,
 *   isDurable?: boolean, preload?: Record<string, string | string[]>,
 *   places?: { broker?: string, sdk?: string }, queueBytes?: number,
 *   workerThreads?: number }} options
 *   `preload`: what is to be required first, by process; `places`: where the
 *   files of broker and SDK lie, when not in the lab's own folder; `isDurable`:
 *   the database flushes what it commits; `withSender: false` leaves out the
 *   SDK, the recorder and the oracle's subscriptions, for campaigns that send
 *   by themselves and judge the lake; `workerThreads`: of the worker's pool
 */
export async function createLab(options) {
  const { node, env, bucketSeconds = 3_600, withWorker = false } = options;
  const { preload = {}, places = {}, queueBytes = SMALL_QUEUE } = options;
  const { withSender = true, gateways = 1, workerThreads = 4 } = options;
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-faults-'));
  // Under root the database runs as another user, who has to get in.
  fs.chmodSync(dir, 0o755);
  const logs = path.join(dir, 'logs');
  fs.mkdirSync(logs);
  const stops = [() => fs.rmSync(dir, { recursive: true, force: true })];
  const close = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const plain = {
      ...Object.fromEntries(
        PASSED_ON.filter(name => env[name]).map(name => [name, env[name]]),
      ),
      NODE_ENV: 'production',
      NODE_NO_WARNINGS: '1',
      NODE_COMPILE_CACHE: path.join(os.tmpdir(), 'millrace-faults-compiled'),
      METADATA_SERVER_DETECTION: 'none',
    };
    const database = await startDatabase({
      node,
      env: plain,
      dir,
      isDurable: options.isDurable,
    });
    stops.push(database.stop);
    const ledgerUrl = await database.create('faults');
    const db = ledger.createLedgerClient({ connectionString: ledgerUrl });
    stops.push(() => db.destroy());
    await ledger.migrateLedger(db);

    const ports = {
      broker: await freePort(),
      gateway: await freePort(),
      database: database.port,
    };
    const victim = (name, command, settings, onMessage) => {
      const process = new Victim({
        name,
        command: [
          node,
          ...[preload[name] ?? []].flat().flatMap(file => ['--require', file]),
          ...command,
        ],
        env: {
          ...plain,
          // One thread in the pool, so that calls come in one order.
          UV_THREADPOOL_SIZE: '1',
          ...settings,
        },
        log: path.join(logs, `${name}.log`),
        onMessage,
      });
      stops.push(() => process.kill());
      return process;
    };

    const broker = victim('broker', [MILLRACE, 'broker'], {
      MILLRACE_DATA_DIR: places.broker ?? dir,
      MILLRACE_BROKER_PORT: String(ports.broker),
    });
    await broker.startHealthy();
    await createTopics(ports.broker);
    const drain = createDrain({ projectId: PROJECT, port: ports.broker });
    stops.push(() => drain.close());
    if (withSender) await drain.subscribe();

    const writeKey = await publishConfig(db, bucketSeconds);
    const dataPlane = {
      MILLRACE_DATA_DIR: dir,
      MILLRACE_LEDGER_URL: ledgerUrl,
      MILLRACE_PROJECT_ID: PROJECT,
      PUBSUB_EMULATOR_HOST: `127.0.0.1:${ports.broker}`,
    };
    /** @type {Record<string, Victim>} `gateway`, `gateway2`, … */
    const gatewayVictims = {};
    for (let number = 1; number <= gateways; number += 1) {
      const name = number === 1 ? 'gateway' : `gateway${number}`;
      ports[name] ??= await freePort();
      gatewayVictims[name] = victim(name, [MILLRACE, 'gateway'], {
        ...dataPlane,
        // Each has a snapshot of its own.
        MILLRACE_DATA_DIR: number === 1 ? dir : path.join(dir, name),
        MILLRACE_GATEWAY_ID: `faults-${name}`,
        MILLRACE_GATEWAY_PORT: String(ports[name]),
      });
      await gatewayVictims[name].startHealthy();
    }
    const { gateway } = gatewayVictims;

    const journal = new Journal();
    const recorder = await startRecorder({
      gatewayPort: ports.gateway,
      onSend: id => journal.send(id),
    });
    stops.push(() => recorder.close());
    ports.recorder = recorder.port;

    const queueDir = places.sdk ?? path.join(dir, 'sdk');
    const sdk = victim(
      'sdk',
      [SENDER],
      {
        MILLRACE_QUEUE_DIR: queueDir,
        MILLRACE_QUEUE_BYTES: String(queueBytes),
        MILLRACE_GATEWAY_URL: recorder.url,
        MILLRACE_WRITE_KEY: writeKey,
      },
      message => journal.hear(message),
    );
    const lab = {
      dir,
      node,
      db,
      database,
      drain,
      journal,
      recorder,
      ports,
      queueDir,
      writeKey,
      ledgerUrl,
      lakeRoot: path.join(dir, 'lake'),
      gatewayUrl: `http://127.0.0.1:${ports.gateway}`,
      /** @type {Record<string, Victim>} */
      victims: { broker, ...gatewayVictims, ...(withSender && { sdk }) },
      gatewayUrls: Object.keys(gatewayVictims).map(
        name => `http://127.0.0.1:${ports[name]}`,
      ),
      isGatewayReady: async () => {
        const replies = await Promise.all(
          lab.gatewayUrls.map(url => fetch(`${url}/readyz`).catch(() => {})),
        );
        return replies.every(reply => reply?.ok === true);
      },
      /**
       * A worker of that name; the ledger knows its connections by it.
       *
       * @param {string} name
       */
      createWorker: name =>
        victim(name, [MILLRACE, 'worker'], {
          ...dataPlane,
          MILLRACE_LEDGER_URL: `${ledgerUrl}?application_name=faults-${name}`,
          MILLRACE_WORKER_ID: `faults-${name}`,
          MILLRACE_LAKE_ROOT: lab.lakeRoot,
          MILLRACE_STAGING_DIR: path.join(dir, 'staging'),
          // The query engine and the consumer share the pool.
          UV_THREADPOOL_SIZE: String(workerThreads),
        }),
      close,
    };
    if (withWorker) {
      lab.victims.worker = lab.createWorker('worker');
      await lab.victims.worker.startHealthy();
    }
    if (!(await until(lab.isGatewayReady, READY_LIMIT_MS))) {
      throw new Error(`The gateway is not ready:\n${gateway.lastWords()}`);
    }
    if (withSender) await sdk.startHealthy();
    return lab;
  } catch (error) {
    await close();
    throw error;
  }
}

async function createTopics(port) {
  const pubsub = new PubSub({
    projectId: PROJECT,
    emulatorMode: true,
    apiEndpoint: `127.0.0.1:${port}`,
  });
  const pairs = [
    [schema.REFUSED_TOPIC, schema.REFUSED_SUBSCRIPTION],
    ...EVENT_TYPES.flatMap(type => [
      [schema.topicOf(type), schema.subscriptionOf(type)],
      [schema.refusedTopicOf(type), schema.refusedSubscriptionOf(type)],
    ]),
  ];
  for (const [topic, subscription] of pairs) {
    await pubsub.createTopic(topic);
    await pubsub.topic(topic).createSubscription(subscription);
  }
  await pubsub.close();
}

async function publishConfig(db, bucketSeconds) {
  const { writeKey } = await ledger.createWriteKey(db, {
    name: 'faults',
    createdBy: 'user:default/faults',
    owner: 'group:default/faults',
  });
  await ledger.publishConfigSnapshot(db, {
    bucketSeconds,
    eventTypes: EVENT_TYPES.map(name => ({
      name,
      tier: 'normal',
      version: 1,
      schema: EVENT_SCHEMA,
      topic: schema.topicOf(name),
      subscription: schema.subscriptionOf(name),
      refusedTopic: schema.refusedTopicOf(name),
      refusedSubscription: schema.refusedSubscriptionOf(name),
    })),
    writeKeys: await ledger.listSnapshotWriteKeys(db),
  });
  return writeKey;
}
