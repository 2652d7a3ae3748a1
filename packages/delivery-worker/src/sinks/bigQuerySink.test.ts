import { BigQuery } from '@google-cloud/bigquery';
import { TestDatabases } from '@backstage/backend-test-utils';
import { GcsLakeStore, parseLakeLocation } from '@millrace/lake';
// The server of the store's own tests, which is no part of the package.
// eslint-disable-next-line @backstage/no-forbidden-package-imports
import {
  GcsServer,
  startGcsServer,
} from '@millrace/lake/src/__testUtils__/gcsServer';
import { migrateLedger, publishConfigSnapshot } from '@millrace/ledger';
import {
  Bucket,
  refusedSubscriptionOf,
  refusedTopicOf,
  subscriptionOf,
  topicOf,
} from '@millrace/schema';
// Comes with the client.
// eslint-disable-next-line @backstage/no-undeclared-imports
import { PassThroughClient } from 'google-auth-library';
import { Knex } from 'knex';
import {
  BigQueryServer,
  startBigQueryServer,
} from './__testUtils__/bigQueryServer';
import { createSealedLake, SealedLake } from './__testUtils__/sealedLake';
import { createBigQuerySink } from './bigquery/createBigQuerySink';
import { createSinkLoader, SinkLoaderOptions } from './createSinkLoader';

jest.setTimeout(60_000);

const ORDER = 'shop.order_placed';
const VIEW = 'page.viewed';
const NOON: Bucket = {
  start: new Date('2026-01-10T12:00:00Z'),
  seconds: 3600,
};
const hourAfterNoon = (n: number): Bucket => ({
  start: new Date(NOON.start.getTime() + n * 3_600_000),
  seconds: 3600,
});

describe('loading sealed revisions into BigQuery', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let db: Knex;
  let gcs: GcsServer;
  let bigQuery: BigQueryServer;
  let lake: SealedLake;
  let logs: string[];

  beforeAll(async () => {
    // The client imports node-fetch when it is needed, which jest cannot do.
    // Told that it is elsewhere, it takes node:http instead.
    Object.assign(globalThis, { Bun: {} });
    db = await databases.init('POSTGRES_18');
    await migrateLedger(db);
  });
  afterAll(() => {
    Reflect.deleteProperty(globalThis, 'Bun');
  });
  beforeEach(async () => {
    await db.raw(`TRUNCATE sinks, sink_loads, partitions, partition_files,
      config_snapshots, event_types, leases, staged_batches, event_ids,
      replays CASCADE`);
    gcs = await startGcsServer();
    const store = new GcsLakeStore({
      bucket: 'lake',
      prefix: 'events',
      apiEndpoint: gcs.url,
    });
    lake = await createSealedLake(db, store);
    bigQuery = await startBigQueryServer(async uri => {
      const [, bucket, name] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
      const object = gcs.objects(bucket).get(name);
      if (!object) {
        throw Object.assign(new Error(uri), { reason: 'notFound' });
      }
      return lake.countRows(object);
    });
    logs = [];
    await provision({ n: 'long' });
  });
  afterEach(async () => {
    await lake.close();
    await Promise.all([bigQuery.close(), gcs.close()]);
  });

  async function provision(fields: { [name: string]: unknown }) {
    await publishConfigSnapshot(db, {
      bucketSeconds: 3600,
      writeKeys: [],
      eventTypes: [ORDER, VIEW].map(name => ({
        name,
        tier: 'normal',
        version: Object.keys(fields).length,
        schema: {
          type: 'record',
          name: 'Event',
          fields: Object.entries(fields).map(([field, type]) => ({
            name: field,
            type,
          })),
        },
        topic: topicOf(name),
        subscription: subscriptionOf(name),
        refusedTopic: refusedTopicOf(name),
        refusedSubscription: refusedSubscriptionOf(name),
      })),
    });
  }

  function loader(overrides: Partial<SinkLoaderOptions> = {}) {
    const log = (message: string) => {
      logs.push(message);
    };
    const client = new BigQuery({
      projectId: 'test',
      location: 'EU',
      apiEndpoint: bigQuery.url,
      authClient: new PassThroughClient(),
      autoRetry: false,
    });
    return createSinkLoader({
      ledger: db,
      sink: createBigQuerySink({
        client,
        projectId: 'test',
        dataset: 'events',
        lake: parseLakeLocation('gs://lake/events'),
        ledger: db,
      }),
      workerId: 'w',
      logger: { info: log, warn: log },
      pollMs: 0,
      retry: { baseMs: 0, maxMs: 0 },
      ...overrides,
    });
  }

  const states = async () =>
    (
      await db('sink_loads').orderBy(['event_type', 'bucket_start', 'revision'])
    ).map(row => row.state);
  const rowsAt = (table: string, hour: string) =>
    bigQuery.tables.get(table)?.partitions.get(hour);
  const jobsOf = (revision: number) =>
    [...bigQuery.jobs.keys()].filter(id => id.includes(`_r${revision}_`));

  it('loads each revision by one job into the partition of its hour, and counts the rows', async () => {
    const run = loader();
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 7 });
    await lake.seal({ eventType: ORDER, bucket: hourAfterNoon(1), rows: 3 });
    expect(await run()).toEqual({ begun: 2, loaded: 0, failed: 0 });
    expect(await run()).toEqual({ begun: 0, loaded: 0, failed: 0 });
    await bigQuery.runJobs();
    expect(await run()).toEqual({ begun: 0, loaded: 2, failed: 0 });
    expect(await run()).toEqual({ begun: 0, loaded: 0, failed: 0 });

    expect(rowsAt('shop__order_placed', '2026011012')).toBe(7);
    expect(rowsAt('shop__order_placed', '2026011013')).toBe(3);
    expect(bigQuery.jobs.size).toBe(2);
    const { fields } = bigQuery.tables.get('shop__order_placed')!;
    expect(fields.map(({ name }) => name)).toEqual([
      '_id',
      '_source',
      '_time',
      '_received_at',
      '_producer',
      '_epoch',
      '_sequence',
      '_schema_version',
      '_id_conflict',
      'n',
    ]);
    const [row] = await db('sink_loads');
    expect(row).toMatchObject({ state: 'loaded', rows: '7', attempt: 1 });
  });

  it('loads once when the answer to the job is lost, when a worker stops, and when two work', async () => {
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 7 });
    bigQuery.fail('start-job', 'cut-after');
    await loader()();
    expect(await states()).toEqual(['loading']);
    const again = loader({ workerId: 'other' });
    await Promise.all([again(), loader({ workerId: 'third' })()]);
    await bigQuery.runJobs();
    await again();
    expect(await states()).toEqual(['loaded']);
    expect(bigQuery.jobs.size).toBe(1);
  });

  it('makes the job of a worker that stopped before it, under the same name, so that it comes too late', async () => {
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 7 });
    // Begun, and no job: unavailable is all that worker heard.
    bigQuery.fail('start-job', 'unavailable');
    await loader()();
    expect(bigQuery.jobs.size).toBe(0);
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 5 });

    const run = loader();
    await run();
    expect(jobsOf(1)).toHaveLength(1);
    expect(jobsOf(2)).toHaveLength(0);
    await bigQuery.runJobs();
    await run();
    await run();
    await bigQuery.runJobs();
    await run();
    expect(rowsAt('shop__order_placed', '2026011012')).toBe(5);
    expect(await states()).toEqual(['loaded', 'loaded']);
  });

  it('replaces the partition when a new revision is sealed, also by nothing', async () => {
    const run = loader();
    const load = async (rows: number) => {
      await lake.seal({ eventType: ORDER, bucket: NOON, rows });
      await run();
      await bigQuery.runJobs();
      await run();
    };
    await load(7);
    await load(4);
    expect(rowsAt('shop__order_placed', '2026011012')).toBe(4);
    await load(0);
    expect(rowsAt('shop__order_placed', '2026011012')).toBeUndefined();
    expect(await states()).toEqual(['loaded', 'loaded', 'loaded']);
  });

  it('needs no job for a bucket without events', async () => {
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 0 });
    expect(await loader()()).toMatchObject({ loaded: 1 });
    expect(bigQuery.jobs.size).toBe(0);
    expect(bigQuery.tables.size).toBe(0);
  });

  it('skips a revision that was replaced before it was begun', async () => {
    const run = loader();
    await run();
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 7 });
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 6 });
    await run();
    expect(await states()).toEqual(['superseded', 'loading']);
    expect(jobsOf(1)).toEqual([]);
  });

  it('tries a failed job again under another name, and says why without the words of BigQuery', async () => {
    const run = loader();
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 7 });
    await run();
    await bigQuery.runJobs('invalid');
    expect(await run()).toMatchObject({ failed: 1 });
    const [failed] = await db('sink_loads');
    expect(failed).toMatchObject({ state: 'failed', reason: 'load_failed' });
    expect(failed.message).toMatch(/reason 'invalid'/);
    expect(failed.next_look_at).toBeInstanceOf(Date);
    await run();
    await bigQuery.runJobs();
    await run();
    expect(await states()).toEqual(['loaded']);
    expect(bigQuery.jobs.size).toBe(2);
    expect([...logs, failed.message].join()).not.toContain('jane.doe');
  });

  it('does not take a load for done that has another number of rows', async () => {
    const run = loader();
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 7 });
    await run();
    await bigQuery.runJobs();
    bigQuery.tables.get('shop__order_placed')!.partitions.set('2026011012', 6);
    expect(await run()).toMatchObject({ failed: 1 });
    expect((await db('sink_loads'))[0]).toMatchObject({
      state: 'failed',
      reason: 'row_count_differs',
    });
  });

  it('lets one type fail and loads the others', async () => {
    bigQuery.tables.set('page__viewed', {
      fields: [{ name: 'n', type: 'STRING', mode: 'NULLABLE' }],
      partitions: new Map(),
    });
    await lake.seal({ eventType: VIEW, bucket: NOON, rows: 1 });
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 2 });
    const run = loader();
    expect(await run()).toMatchObject({ begun: 1, failed: 1 });
    await bigQuery.runJobs();
    expect(await run()).toMatchObject({ loaded: 1 });
    const [view] = await db('sink_loads').where({ event_type: VIEW });
    expect(view).toMatchObject({
      state: 'failed',
      reason: 'schema_not_loadable',
      message: expect.stringContaining("'n' is STRING"),
    });
    expect(view.next_look_at.getTime()).toBeGreaterThan(Date.now() + 60_000);
  });

  it('waits while BigQuery is away, and goes on by itself', async () => {
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 2 });
    const run = loader();
    bigQuery.fail('get-table', 'unavailable');
    expect(await run()).toMatchObject({ failed: 1 });
    expect((await db('sink_loads'))[0]).toMatchObject({
      state: 'failed',
      reason: 'sink_unavailable',
      attempt: 0,
    });
    await run();
    bigQuery.fail('get-job', 'unavailable', 'forbidden');
    await run();
    await run();
    expect(await states()).toEqual(['loading']);
    await bigQuery.runJobs();
    await run();
    expect(await states()).toEqual(['loaded']);
  });

  it('says so when BigQuery refuses', async () => {
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 2 });
    bigQuery.fail('start-job', 'forbidden');
    const run = loader();
    await run();
    expect((await db('sink_loads'))[0]).toMatchObject({
      state: 'failed',
      reason: 'sink_refused',
    });
    await run();
    await bigQuery.runJobs();
    await run();
    expect(await states()).toEqual(['loaded']);
  });

  it('refuses buckets shorter than an hour, which would replace each other', async () => {
    await lake.seal({
      eventType: ORDER,
      bucket: { start: NOON.start, seconds: 60 },
      rows: 2,
    });
    await loader()();
    expect((await db('sink_loads'))[0]).toMatchObject({
      state: 'failed',
      reason: 'bucket_not_an_hour',
    });
    expect(bigQuery.jobs.size).toBe(0);
  });

  it('adds the columns of a later version, and loads an earlier partition after it', async () => {
    const run = loader();
    await lake.seal({ eventType: ORDER, bucket: NOON, rows: 2 });
    await run();
    await bigQuery.runJobs();
    await provision({ n: 'long', shop: ['null', 'string'] });
    await lake.seal({ eventType: ORDER, bucket: hourAfterNoon(1), rows: 3 });
    await run();
    await bigQuery.runJobs();
    await run();
    expect(await states()).toEqual(['loaded', 'loaded']);
    const { fields } = bigQuery.tables.get('shop__order_placed')!;
    expect(fields.at(-1)).toEqual({
      name: 'shop',
      type: 'STRING',
      mode: 'NULLABLE',
    });
  });
});
