import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import { startWorker, type Worker } from '@millrace/delivery-worker';
import { type Gateway, startGateway } from '@millrace/gateway';
import {
  type DeliveryOperations,
  PARTITION_SEALED_TOPIC,
  type PartitionList,
  type PartitionSealed,
  type PartitionSummary,
  type RevisionOperation,
} from '@millrace/plugin-delivery-common';
import { eventType } from '../__testUtils__/eventType';
import { PROJECT_ID } from '../__testUtils__/startTestBroker';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';
import { until } from '../__testUtils__/until';

jest.setTimeout(180_000);

process.env.METADATA_SERVER_DETECTION = 'none';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const TYPE = 'shop.order';
const REASON = 'The disk of the lake lost a file';

/** The whole chain, with real parts: HTTP, gateway, broker, worker, lake. */
describe('a partition that is made again', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let root: string;
  let delivery: RunningDelivery;
  let gateway: Gateway;
  let worker: Worker;
  let sealed: PartitionSummary;

  beforeAll(async () => {
    root = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-revisions-'));
    delivery = await startDelivery({
      databases,
      eventTypes: [eventType(TYPE)],
      bucket: 'PT10S',
    });
    process.env.PUBSUB_EMULATOR_HOST = delivery.broker.address;
    const { body: key } = await delivery
      .api('post', '/write-keys', 'owner')
      .send({ name: 'orders', producer: 'shop-web', eventTypes: [TYPE] });
    gateway = await startGateway({
      gatewayId: 'gateway-1',
      port: 0,
      projectId: PROJECT_ID,
      ledger: delivery.ledger,
      snapshotFile: path.join(root, 'snapshot.json'),
      logger: silent,
    });
    worker = await startWorker({
      workerId: 'worker-1',
      projectId: PROJECT_ID,
      emulatorHost: delivery.broker.address,
      ledger: delivery.ledger,
      lakeRoot: delivery.lakeRoot,
      stagingDir: path.join(root, 'staging'),
      pollIntervalMs: 200,
      logger: silent,
    });
    const url = `http://127.0.0.1:${gateway.port}`;
    await until(async () => (await fetch(`${url}/readyz`)).ok);
    const answer = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/cloudevents-batch+json',
        authorization: `Bearer ${key.writeKey}`,
      },
      body: JSON.stringify(
        ['a', 'b', 'c', 'c'].map(id => ({
          specversion: '1.0',
          id,
          source: '/shop',
          type: TYPE,
          data: { n: 1 },
        })),
      ),
    });
    const { accepted } = await answer.json();
    if (accepted !== 4) {
      throw new Error(`Of 4 events ${accepted} were accepted`);
    }
    await until(async () => {
      [sealed] = (await partitions()).filter(found => found.accepted > 0);
      return sealed?.state === 'sealed';
    }, 90_000);
  });
  afterAll(async () => {
    await worker?.stop();
    await gateway?.stop();
    await delivery?.stop();
    delete process.env.PUBSUB_EMULATOR_HOST;
    await fs.rm(root, { recursive: true, force: true });
  });

  async function partitions(): Promise<PartitionSummary[]> {
    const { body } = await delivery.api(
      'get',
      `/event-types/${TYPE}/partitions?includeEmpty=false`,
    );
    return (body as PartitionList).items;
  }

  const announced = (): PartitionSealed[] =>
    delivery.published
      .filter(({ topic }) => topic === PARTITION_SEALED_TOPIC)
      .map(({ eventPayload }) => eventPayload as PartitionSealed)
      .filter(({ bucketStart }) => bucketStart === sealed.bucketStart);

  it('is previewed exactly, made on a word with a reason, announced, and told to its owner', async () => {
    const url = `/event-types/${TYPE}/revisions`;
    const { status, body } = await delivery
      .api('post', url, 'platform')
      .send({ kind: 'redeliver', buckets: [sealed.bucketStart] });
    expect([status, body]).toEqual([202, expect.anything()]);
    const { operationId } = body as RevisionOperation;

    let operation: RevisionOperation = body;
    const becomes = (state: RevisionOperation['state']) =>
      until(async () => {
        operation = (
          await delivery.api('get', `${url}/${operationId}`, 'developer')
        ).body;
        expect(['failed', 'expired']).not.toContain(operation.state);
        return operation.state === state;
      }, 60_000);

    await becomes('previewed');
    const counts = { accepted: 4, delivered: 3, duplicates: 1, refused: 0 };
    expect(operation.changes).toMatchObject([
      { fromRevision: 1, toRevision: 2, before: counts, after: counts },
    ]);
    // A preview changes nothing, and says that somebody has to decide.
    expect((await partitions())[0]).toMatchObject({ revision: 1 });
    const { body: waiting } = await delivery.api(
      'get',
      '/operations',
      'platform',
    );
    expect((waiting as DeliveryOperations).attention.items).toEqual([
      expect.objectContaining({ code: 'revision_undecided', operationId }),
    ]);

    const approved = await delivery
      .api('post', `${url}/${operationId}/approve`, 'platform')
      .send({ reason: REASON });
    expect(approved.status).toBe(202);
    await becomes('done');
    expect((await partitions())[0]).toMatchObject({
      bucketStart: sealed.bucketStart,
      revision: 2,
      ...counts,
    });

    await until(() => announced().length === 2);
    expect(announced()).toMatchObject([
      { revision: 1, why: 'sealed', counts },
      {
        revision: 2,
        replacedRevision: 1,
        why: 'redeliver',
        reason: REASON,
        operationId,
        counts,
        manifest: { path: expect.stringContaining('/r0002/') },
      },
    ]);
    await until(() => delivery.notified.length > 0);
    expect(delivery.notified).toMatchObject([
      {
        recipients: { entityRef: ['group:default/webhooks'] },
        payload: {
          title: `A partition of ${TYPE} has a new revision`,
          topic: 'partition-revised',
        },
      },
    ]);
    const { body: after } = await delivery.api(
      'get',
      '/operations',
      'platform',
    );
    expect((after as DeliveryOperations).attention.total).toBe(0);
    expect((after as DeliveryOperations).revisions).toMatchObject([
      { operationId, state: 'done', reason: REASON },
    ]);
  });
});
