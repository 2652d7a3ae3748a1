import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  approveRevision,
  declareBucket,
  endGateway,
  getPartition,
  getRevision,
  listPartitionAudits,
  listWorkers,
  registerGateway,
  requestRevision,
  RevisionState,
} from '@millrace/ledger';
import { LocalLakeStore, readManifest, partitionPath } from '@millrace/lake';
import { Bucket, topicOf } from '@millrace/schema';
import {
  createEstate,
  Estate,
  eventually,
  PROJECT_ID,
  silent,
} from './__testUtils__/estate';
import { batchOf } from './consumer/__testUtils__/batches';
import { startWorker } from './worker';

jest.setTimeout(120_000);

const eventType = 'page.viewed';
const gateway = { gateway: 'g', epoch: 'e' };

describe('the worker', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let estate: Estate;

  beforeEach(async () => {
    estate = await createEstate(databases);
  });
  afterEach(() => estate.close());

  it('delivers what a gateway published: from the broker to a sealed partition', async () => {
    await estate.provision([eventType]);
    // The bucket after the one in which the type was provisioned.
    const start = new Date(Math.ceil(Date.now() / 60_000) * 60_000);
    const bucket: Bucket = { start, seconds: 60 };
    const at = (seconds: number) => new Date(start.getTime() + seconds * 1_000);
    let now = at(30);
    await registerGateway(estate.db, {
      ...gateway,
      startedAt: at(1),
      url: 'http://g',
      pid: 1,
      leaseMs: 120_000,
    });
    const lakeRoot = join(estate.root, 'lake');
    const worker = await startWorker({
      workerId: 'worker-1',
      projectId: PROJECT_ID,
      emulatorHost: estate.brokerAddress,
      ledger: estate.ledger,
      lakeRoot,
      stagingDir: estate.stagingDir,
      clock: () => now,
      pollIntervalMs: 50,
      logger: silent,
    });
    try {
      for (const batch of [1, 2, 2]) {
        await estate.publish(
          topicOf(eventType),
          batchOf({ eventType, bucket, batch, events: 5 }),
        );
      }
      await declareBucket(estate.db, {
        ...gateway,
        bucket,
        counts: [{ eventType, lastBatch: 2, abandonedBatches: [], events: 10 }],
      });
      await endGateway(estate.db, { ...gateway, endedAt: at(59) });
      now = at(61);

      const partition = await eventually(
        () => getPartition(estate.db, { eventType, bucketStart: start }),
        seen => seen?.state === 'sealed',
      );
      expect(partition).toMatchObject({
        accepted: 10,
        delivered: 10,
        duplicates: 0,
        refused: 0,
        latenessMs: 1_000,
      });
      const store = await LocalLakeStore.open({ root: lakeRoot });
      await expect(
        readManifest(store, partitionPath(eventType, bucket, 1)),
      ).resolves.toMatchObject({ counts: { delivered: 10 } });
      const [audited] = await eventually(
        () => listPartitionAudits(estate.db, { eventType, limit: 1 }),
        ([seen]) => seen?.audit !== undefined,
      );
      expect(audited).toMatchObject({ audit: { rowsRead: 10 }, findings: 0 });
      // Kept for a while, to make a revision from.
      await expect(
        readdir(join(estate.stagingDir, eventType)),
      ).resolves.not.toEqual([]);
      await eventually(
        () => listWorkers(estate.db),
        ([seen]) => seen?.generation === 1 && seen.alive,
      );

      const operationId = '00000000-0000-4000-8000-000000000001';
      await requestRevision(estate.db, {
        operationId,
        eventType,
        kind: 'redeliver',
        buckets: [start],
        requestedBy: 'user:default/ada',
        now,
      });
      const reached = (state: RevisionState) =>
        eventually(
          () => getRevision(estate.db, { operationId }),
          seen => seen?.state === state,
        );
      await reached('previewed');
      await approveRevision(estate.db, {
        operationId,
        approvedBy: 'user:default/bob',
        reason: 'To see that it works',
        now,
      });
      await reached('done');
      now = at(90);
      await expect(
        getPartition(estate.db, { eventType, bucketStart: start }),
      ).resolves.toMatchObject({
        revision: 2,
        delivered: 10,
        latenessMs: 1_000,
      });
    } finally {
      await worker.stop();
    }
  });

  it('begins no further bucket once it is told to stop', async () => {
    await estate.provision([eventType]);
    const start = new Date(Math.ceil(Date.now() / 60_000) * 60_000);
    const buckets = 300;
    const end = new Date(start.getTime() + buckets * 60_000);
    await registerGateway(estate.db, {
      ...gateway,
      startedAt: start,
      url: 'http://g',
      pid: 1,
      leaseMs: 1,
    });
    await endGateway(estate.db, { ...gateway, endedAt: end });
    await estate.db.raw(
      `INSERT INTO gateway_buckets (gateway, epoch, bucket_start, bucket_seconds)
       SELECT 'g', 'e', :start::timestamptz + n * interval '1 minute', 60
       FROM generate_series(0, :buckets - 1) AS n`,
      { start, buckets },
    );
    const sealed = async () =>
      (await estate.db('partitions').where({ state: 'sealed' })).length;
    const worker = await startWorker({
      workerId: 'worker-1',
      projectId: PROJECT_ID,
      emulatorHost: estate.brokerAddress,
      ledger: estate.ledger,
      lakeRoot: join(estate.root, 'lake'),
      stagingDir: estate.stagingDir,
      clock: () => end,
      graceMs: 0,
      logger: silent,
    });
    try {
      await eventually(sealed, count => count > 0);
    } finally {
      await worker.stop();
    }
    await expect(sealed()).resolves.toBeLessThan(buckets);
  });

  it('clears away what puts into the lake that were cut short have left', async () => {
    const lakeRoot = join(estate.root, 'lake');
    await LocalLakeStore.open({ root: lakeRoot });
    const abandoned = join(lakeRoot, '.incoming', 'abandoned');
    await writeFile(abandoned, 'half a file');
    await utimes(abandoned, new Date(0), new Date(0));
    const worker = await startWorker({
      workerId: 'worker-1',
      projectId: PROJECT_ID,
      emulatorHost: estate.brokerAddress,
      ledger: estate.ledger,
      lakeRoot,
      stagingDir: estate.stagingDir,
      logger: silent,
    });
    try {
      const left = await eventually(
        () => readdir(join(lakeRoot, '.incoming')),
        files => files.length === 0,
      );
      expect(left).toEqual([]);
    } finally {
      await worker.stop();
    }
  });

  it('starts while everything is away, and stops', async () => {
    estate.cutLedger();
    const worker = await startWorker({
      workerId: 'worker-1',
      projectId: PROJECT_ID,
      emulatorHost: '127.0.0.1:1',
      ledger: estate.ledger,
      lakeRoot: join(estate.root, 'lake'),
      stagingDir: estate.stagingDir,
      logger: silent,
    });
    await expect(worker.stop()).resolves.toBeUndefined();
  });
});
