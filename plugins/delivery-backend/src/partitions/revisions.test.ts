import fs from 'node:fs/promises';
import path from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  openLakeStore,
  partitionPath,
  publishPartition,
  readManifest,
} from '@millrace/lake';
import type {
  LedgerPage,
  PartitionDetail,
} from '@millrace/plugin-delivery-common';
import { bucketOf } from '@millrace/schema';
import { eventType } from '../__testUtils__/eventType';
import { sealPartition } from '../__testUtils__/sealPartition';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';

jest.setTimeout(60_000);

const TYPE = 'github.push';
const BUCKET = bucketOf(new Date(Date.now() - 5 * 60_000), 60);
const START = BUCKET.start.toISOString();
const SUPERSEDED_AT = new Date(BUCKET.start.getTime() + 600_000);

/** A bucket with two revisions in the lake and a third one in the making. */
describe('the revisions of a partition', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;

  beforeAll(async () => {
    delivery = await startDelivery({
      databases,
      eventTypes: [eventType(TYPE)],
    });
    await sealPartition(delivery.ledger, delivery.lakeRoot, {
      eventType: TYPE,
      bucket: BUCKET,
      delivered: 12,
      duplicates: 3,
      latenessMs: 4_000,
    });
    await revise();
  });
  afterAll(() => delivery?.stop());

  /** The same file again, with one event fewer in the books than before. */
  async function revise() {
    const { ledger, lakeRoot } = delivery;
    const store = await openLakeStore(lakeRoot);
    const first = partitionPath(TYPE, BUCKET, 1);
    const old = await readManifest(store, first);
    const { files, ids: _, ...manifest } = old!;
    const localFile = path.join(lakeRoot, '..', 'again.parquet');
    await fs.copyFile(path.join(lakeRoot, first, files[0].name), localFile);
    const published = await publishPartition(store, {
      path: partitionPath(TYPE, BUCKET, 2),
      files: [{ localFile, rows: 12 }],
      manifest: {
        ...manifest,
        revision: 2,
        why: 'redeliver: a disk has lost a file',
        sealedAt: SUPERSEDED_AT.toISOString(),
        counts: { ...manifest.counts, accepted: 14, duplicates: 2 },
      },
    });
    await ledger('partitions').update({ superseded_at: SUPERSEDED_AT });
    const insert = (revision: number, columns: object) =>
      ledger('partitions')
        .insert({
          event_type: TYPE,
          bucket_start: BUCKET.start,
          bucket_seconds: 60,
          bucket_end: new Date(BUCKET.start.getTime() + 60_000),
          decision: '{}',
          revision,
          ...columns,
        })
        .returning('partition_id');
    const [{ partition_id: partitionId }] = await insert(2, {
      state: 'sealed',
      sealed_at: SUPERSEDED_AT,
      first_sealed_at: new Date(BUCKET.start.getTime() + 64_000),
      accepted: 14,
      delivered: 12,
      duplicates: 2,
      manifest_path: published.manifestKey,
      manifest_sha256: published.manifestSha256,
    });
    await ledger('partition_files').insert(
      published.manifest.files.map(file => ({
        partition_id: partitionId,
        ...file,
      })),
    );
    await insert(3, { state: 'sealing' });
  }

  const get = async (query = ''): Promise<PartitionDetail> => {
    const { body, status } = await delivery.api(
      'get',
      `/event-types/${TYPE}/partitions/${START}${query}`,
    );
    expect([status, body]).toEqual([200, expect.anything()]);
    return body;
  };

  const REVISIONS = [
    {
      revision: 1,
      state: 'sealed',
      isLive: false,
      supersededAt: SUPERSEDED_AT.toISOString(),
      why: 'sealed',
      accepted: 15,
      duplicates: 3,
    },
    {
      revision: 2,
      state: 'sealed',
      isLive: true,
      why: 'redeliver: a disk has lost a file',
      accepted: 14,
      duplicates: 2,
    },
    { revision: 3, state: 'sealing', isLive: false },
  ];

  it('begin with the one that readers see, late by its first delivery', async () => {
    const live = await get();
    expect(live).toMatchObject({
      revision: 2,
      isLive: true,
      sealedAt: SUPERSEDED_AT.toISOString(),
      expectedBy: new Date(BUCKET.start.getTime() + 120_000).toISOString(),
      latenessMs: 4_000,
      accepted: 14,
      files: [{ rows: 12 }],
      revisions: REVISIONS,
    });
    expect(live).not.toHaveProperty('supersededAt');
    expect(live.stages?.shares.reduce((sum, { ms }) => sum + ms, 0)).toBe(
      4_000,
    );
  });

  it('stay readable, each with its files and its rows', async () => {
    const old = await get('?revision=1');
    expect(old).toMatchObject({
      revision: 1,
      isLive: false,
      supersededAt: SUPERSEDED_AT.toISOString(),
      accepted: 15,
      revisions: REVISIONS,
    });
    expect(old.manifestPath).not.toBe((await get()).manifestPath);
    for (const revision of [1, 2]) {
      const { body } = await delivery.api(
        'get',
        `/event-types/${TYPE}/partitions/${START}/rows?revision=${revision}`,
      );
      expect(body).toMatchObject({ total: 12 });
    }
  });

  it('are seen while they are made, without taking the place of what readers see', async () => {
    await expect(get('?revision=3')).resolves.toMatchObject({
      state: 'sealing',
      isLive: false,
    });
    const { body } = await delivery.api(
      'get',
      `/event-types/${TYPE}/ledger?by=bucket`,
    );
    const { items }: LedgerPage = body;
    expect(items.filter(({ start }) => start === START)).toMatchObject([
      {
        buckets: { sealed: 1, late: 0, revised: 1, sealing: 0 },
        bucket: {
          state: 'sealed',
          isLate: false,
          partition: { revision: 2, delivered: 12, latenessMs: 4_000 },
        },
      },
    ]);
  });

  it('are all listed when the lake has lost the manifest of one, which then says no reason', async () => {
    const { manifestPath } = await get('?revision=1');
    const file = path.join(delivery.lakeRoot, manifestPath!);
    await fs.rm(file);
    const { revisions } = await get();
    expect(revisions[0]).not.toHaveProperty('why');
    expect(revisions[1]).toHaveProperty('why', REVISIONS[1].why);
  });

  it.each([
    ['?revision=4', 404, 'no revision 4'],
    ['?revision=0', 400, 'revision'],
    ['?revision=two', 400, 'revision'],
    ['/rows?revision=-1', 400, 'revision'],
    ['/rows?revision=3', 404, 'is being sealed'],
  ])('answer %s with %d', async (query, expected, words) => {
    const { status, body } = await delivery.api(
      'get',
      `/event-types/${TYPE}/partitions/${START}${query}`,
    );
    expect(status).toBe(expected);
    expect(body.error.message).toContain(words);
  });

  it.each([
    ['?by=week', "'bucket', 'hour' or 'day'"],
    ['?limit=201', 'limit'],
    ['?before=yesterday', 'before'],
    ['?from=2026-01-02T00:00:00Z&before=2026-01-01T00:00:00Z', "'from'"],
    ['?sort=late', 'sort'],
  ])('are not asked for with %s', async (query, words) => {
    const { status, body } = await delivery.api(
      'get',
      `/event-types/${TYPE}/ledger${query}`,
    );
    expect(status).toBe(400);
    expect(body.error.message).toContain(words);
  });
});
