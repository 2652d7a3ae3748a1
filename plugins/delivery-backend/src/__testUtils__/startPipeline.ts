import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestDatabases } from '@backstage/backend-test-utils';
import { type Message, PubSub } from '@google-cloud/pubsub';
import {
  startWorker,
  type Worker,
  type WorkerOptions,
} from '@millrace/delivery-worker';
import { type Gateway, startGateway } from '@millrace/gateway';
import { subscriptionOf, topicOf } from '@millrace/schema';
import { eventType } from './eventType';
import { startDelivery } from './startDelivery';
import { PROJECT_ID } from './startTestBroker';
import { until } from './until';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** What is done to a message between gateway and worker. */
export type MessageFate = 'keep' | 'lose';

/** A message on its way, and the means to put others in its place. */
export interface MessageOnItsWay {
  message: Message;
  /** Number of the batch. */
  number: number;
  publish(message: {
    data: Buffer;
    attributes: { [name: string]: string };
  }): void;
}

/**
 * Portal, broker, gateways and, once it is started, a worker, all real, so that
 * a test can send events, look at what the portal says of them, and put faults
 * in between gateway and worker, on the broker.
 */
export async function startPipeline(options: {
  databases: TestDatabases;
  eventTypes: string[];
  bucketSeconds: number;
  gateways: string[];
}) {
  const { databases, eventTypes, bucketSeconds } = options;
  process.env.METADATA_SERVER_DETECTION = 'none';
  const root = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-pipeline-'));
  const delivery = await startDelivery({
    databases,
    eventTypes: eventTypes.map(name =>
      eventType(name, 'group:default/webhooks'),
    ),
    bucket: `PT${bucketSeconds}S`,
  });
  // As if they always had been kept.
  await delivery.ledger('books').delete();
  process.env.PUBSUB_EMULATOR_HOST = delivery.broker.address;
  const pubsub = new PubSub({ projectId: PROJECT_ID });
  const { body: key } = await delivery
    .api('post', '/write-keys', 'owner')
    .send({ name: 'shop', producer: 'shop-web', eventTypes });
  const gateways = new Map<string, Gateway>();
  for (const gatewayId of options.gateways) {
    const gateway = await startGateway({
      gatewayId,
      port: 0,
      projectId: PROJECT_ID,
      ledger: delivery.ledger,
      snapshotFile: path.join(root, `${gatewayId}.json`),
      logger: silent,
    });
    gateways.set(gatewayId, gateway);
    await until(async () => {
      const ready = await fetch(`http://127.0.0.1:${gateway.port}/readyz`);
      return ready.ok;
    });
  }
  let worker: Worker | undefined;

  return {
    delivery,
    root,
    /** The life of a gateway. */
    epochOf: (gatewayId: string) => gateways.get(gatewayId)!.epoch,

    /** Sends an event and gives the status, whatever it is. */
    async tryPost(gatewayId: string, event: object): Promise<number> {
      const { port } = gateways.get(gatewayId)!;
      const reply = await fetch(`http://127.0.0.1:${port}/v1/events`, {
        method: 'POST',
        headers: {
          'content-type': 'application/cloudevents+json',
          authorization: `Bearer ${key.writeKey}`,
        },
        body: JSON.stringify({
          specversion: '1.0',
          source: '/shop',
          data: { n: 1 },
          ...event,
        }),
      });
      await reply.text();
      return reply.status;
    },

    /** Sends events as one request, all of which have to be accepted. */
    async post(gatewayId: string, events: object[]): Promise<void> {
      const { port } = gateways.get(gatewayId)!;
      const reply = await fetch(`http://127.0.0.1:${port}/v1/events`, {
        method: 'POST',
        headers: {
          'content-type': 'application/cloudevents-batch+json',
          authorization: `Bearer ${key.writeKey}`,
        },
        body: JSON.stringify(
          events.map(event => ({
            specversion: '1.0',
            source: '/shop',
            data: { n: 1 },
            ...event,
          })),
        ),
      });
      const answer = await reply.text();
      expect([reply.status, answer]).toEqual([200, expect.anything()]);
    },

    /** Takes all messages of a type off the broker, and puts back some. */
    async intercept(
      type: string,
      messages: number,
      fateOf: (on: MessageOnItsWay) => MessageFate,
    ): Promise<void> {
      const subscription = pubsub.subscription(subscriptionOf(type));
      const taken: Message[] = [];
      subscription.on('message', message => taken.push(message));
      await until(() => taken.length === messages);
      const published: Promise<string>[] = [];
      const publish: MessageOnItsWay['publish'] = message => {
        published.push(pubsub.topic(topicOf(type)).publishMessage(message));
      };
      for (const message of taken) {
        const number = Number(message.attributes.batch);
        if (fateOf({ message, number, publish }) === 'lose') {
          message.ack();
        } else {
          message.nack();
        }
      }
      await Promise.all(published);
      await subscription.close();
    },

    /** Publishes a message as a broker that had lost it would find it again. */
    async publishAgain(
      type: string,
      message: { data: Buffer; attributes: { [name: string]: string } },
    ): Promise<void> {
      await pubsub.topic(topicOf(type)).publishMessage(message);
    },

    async startWorker(
      settings: Pick<WorkerOptions, 'drainMarginMs'> = {},
    ): Promise<void> {
      worker = await startWorker({
        workerId: 'worker-1',
        projectId: PROJECT_ID,
        emulatorHost: delivery.broker.address,
        ledger: delivery.ledger,
        lakeRoot: delivery.lakeRoot,
        stagingDir: path.join(root, 'staging'),
        pollIntervalMs: 200,
        logger: silent,
        ...settings,
      });
    },

    async stop(): Promise<void> {
      await worker?.stop();
      for (const gateway of gateways.values()) {
        await gateway.stop();
      }
      await pubsub.close();
      await delivery.stop();
      delete process.env.PUBSUB_EMULATOR_HOST;
      await fs.rm(root, { recursive: true, force: true });
    },
  };
}

export type RunningPipeline = Awaited<ReturnType<typeof startPipeline>>;
