import {
  mkdtemp,
  readdir,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import { migrateLedger } from '@millrace/ledger';
import { Knex } from 'knex';
import { batchOf, delivered, PublishedBatch } from './__testUtils__/batches';
import { createEventBatches } from './eventBatches';
import { createLeftoverSweep } from './removeLeftovers';

jest.setTimeout(60_000);

const eventType = 'page.viewed';
const bucket = { start: new Date('2026-01-10T12:00:00Z'), seconds: 60 };
const nextBucket = { start: new Date('2026-01-10T12:01:00Z'), seconds: 60 };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe('event batches', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let ledger: Knex;
  let stagingDir: string;
  let now: Date;

  beforeAll(async () => {
    ledger = await databases.init('POSTGRES_18');
    await migrateLedger(ledger);
  });
  beforeEach(async () => {
    await ledger.raw('TRUNCATE staged_batches, poison_batches');
    stagingDir = await mkdtemp(join(tmpdir(), 'staging-'));
    now = new Date('2026-01-10T12:00:30Z');
  });
  afterEach(() => rm(stagingDir, { recursive: true }));

  const take = (db: Knex = ledger) =>
    createEventBatches({
      ledger: db,
      stagingDir,
      eventType,
      subscription: 'event.page.viewed.delivery',
      worker: 'worker-1',
      clock: () => now,
      logger: silent,
    });

  const flush = async (
    batches: ReturnType<typeof take>,
    messages: ReturnType<typeof delivered>[],
  ) => batches.flush(messages, message => message.ack());

  const files = () =>
    readdir(join(stagingDir, eventType)).catch(() => [] as string[]);
  const recorded = (): Promise<number[]> =>
    ledger('staged_batches').pluck('batch').orderBy('batch');

  /** A ledger that does the work and loses the answer, or does nothing. */
  const failing = (when: 'before' | 'after', times: number) => {
    let left = times;
    return new Proxy(ledger, {
      get(target, key) {
        if (key === 'transaction' && left > 0) {
          return async (run: (tx: Knex.Transaction) => Promise<unknown>) => {
            left -= 1;
            if (when === 'after') {
              await target.transaction(run);
            }
            throw new Error('Connection terminated unexpectedly');
          };
        }
        return Reflect.get(target, key);
      },
    });
  };

  it('puts what came together into one file per receive bucket', async () => {
    const messages = [
      batchOf({ eventType, bucket, batch: 1 }),
      batchOf({ eventType, bucket: nextBucket, batch: 1 }),
      batchOf({ eventType, bucket, batch: 2 }),
    ].map(batch => delivered(batch));
    await flush(take(), messages);

    const rows = await ledger('staged_batches').orderBy([
      'bucket_start',
      'batch',
    ]);
    expect(rows.map(row => [row.bucket_start, row.batch])).toEqual([
      [bucket.start, 1],
      [bucket.start, 2],
      [nextBucket.start, 1],
    ]);
    expect(rows[0].staged_file).toBe(rows[1].staged_file);
    expect(rows[2].staged_file).not.toBe(rows[0].staged_file);
    await expect(files()).resolves.toHaveLength(2);
    const { size } = await stat(rows[0].staged_file);
    expect(Number(rows[1].offset_bytes) + Number(rows[1].length_bytes)).toBe(
      size,
    );
    expect(messages.map(message => message.acks)).toEqual([1, 1, 1]);
  });

  it('acknowledges what comes again and keeps no second copy', async () => {
    const batches = take();
    const first = batchOf({ eventType, bucket, batch: 1 });
    const second = batchOf({ eventType, bucket, batch: 2 });
    await flush(batches, [delivered(first)]);
    const again = [delivered(first), delivered(second), delivered(second)];
    await flush(batches, again);

    expect(again.map(message => message.acks)).toEqual([1, 1, 1]);
    await expect(recorded()).resolves.toEqual([1, 2]);
    await expect(files()).resolves.toHaveLength(2);
    for (const row of await ledger('staged_batches')) {
      const { size } = await stat(row.staged_file);
      expect(Number(row.length_bytes)).toBe(size);
    }
  });

  it.each(['before', 'after'] as const)(
    'neither loses, doubles nor copies batches when the ledger fails %s the commit',
    async when => {
      const batches = take(failing(when, 3));
      const messages = [1, 2].map(batch =>
        delivered(batchOf({ eventType, bucket, batch })),
      );
      for (let attempt = 0; attempt < 3; attempt++) {
        await expect(flush(batches, messages)).rejects.toThrow('terminated');
        expect(messages.map(message => message.acks)).toEqual([0, 0]);
        await expect(files()).resolves.toHaveLength(1);
      }
      // Something new has come meanwhile.
      const later = delivered(batchOf({ eventType, bucket, batch: 3 }));
      await flush(batches, [...messages, later]);

      expect([...messages, later].map(message => message.acks)).toEqual([
        1, 1, 1,
      ]);
      await expect(recorded()).resolves.toEqual([1, 2, 3]);
      const known = await ledger('staged_batches').pluck('staged_file');
      const present = (await files()).map(name =>
        join(stagingDir, eventType, name),
      );
      expect(new Set(known)).toEqual(new Set(present));
    },
  );

  it('writes anew what lay unrecorded for long, before it may be taken for forgotten', async () => {
    const batches = take(failing('before', 1));
    const message = delivered(batchOf({ eventType, bucket, batch: 1 }));
    await expect(flush(batches, [message])).rejects.toThrow();
    const [forgotten] = await files();
    now = new Date(now.getTime() + 20 * 60_000);
    await flush(batches, [message]);

    const [file] = await ledger('staged_batches').pluck('staged_file');
    expect(file).not.toContain(forgotten);
    expect(message.acks).toBe(1);
  });

  const poison: [string, PublishedBatch][] = [
    [
      'invalid_batch_header',
      { attributes: { format: 'avro/7' }, data: Buffer.from('x') },
    ],
    [
      'invalid_batch_header',
      {
        ...batchOf({ eventType, bucket, batch: 1 }),
        attributes: {
          ...batchOf({ eventType, bucket, batch: 1 }).attributes,
          batch: '2147483648',
        },
      },
    ],
    ['wrong_event_type', batchOf({ eventType: 'page.left', bucket, batch: 1 })],
    [
      'unreadable_body',
      { ...batchOf({ eventType, bucket, batch: 1 }), data: Buffer.from('{}') },
    ],
    [
      'unreadable_body',
      batchOf({ eventType, bucket, batch: 1, header: { bytes: 5 } }),
    ],
    [
      'body_differs_from_header',
      batchOf({ eventType, bucket, batch: 1, header: { events: 4 } }),
    ],
    [
      'body_differs_from_header',
      batchOf({ eventType, bucket, batch: 1, header: { bytes: 5_000 } }),
    ],
  ];

  it.each(poison)(
    'keeps a message aside that is poison (%s) and stages those around it',
    async (reason, published) => {
      const messages = [
        delivered(batchOf({ eventType, bucket, batch: 8 })),
        delivered(published),
        delivered(batchOf({ eventType, bucket, batch: 9 })),
      ];
      await flush(take(), messages);
      expect(messages.map(message => message.acks)).toEqual([1, 1, 1]);
      await expect(recorded()).resolves.toEqual([8, 9]);
      await expect(ledger('poison_batches')).resolves.toMatchObject([
        { reason, message_id: messages[1].id, data: published.data },
      ]);
    },
  );

  it('stages what is around a batch that the ledger does not take, and sets that one aside after a few attempts', async () => {
    // Its bucket is beyond what a timestamp of Postgres can hold.
    const beyond = {
      start: new Date(Math.floor(8.64e15 / 60_000) * 60_000),
      seconds: 60,
    };
    const taken = take();
    const bad = delivered(batchOf({ eventType, bucket: beyond, batch: 1 }));
    const good = [1, 2].map(batch =>
      delivered(batchOf({ eventType, bucket, batch })),
    );
    const alike = delivered(batchOf({ eventType, bucket, batch: 3 }));
    await flush(taken, [good[0], bad, good[1]]);
    expect(good.map(message => message.acks)).toEqual([1, 1]);
    expect(bad.acks).toBe(0);
    await flush(taken, [bad, alike]);
    expect([bad.acks, alike.acks]).toEqual([0, 1]);
    await flush(taken, [bad]);

    expect(bad.acks).toBe(1);
    await expect(recorded()).resolves.toEqual([1, 2, 3]);
    const [kept, ...others] = await ledger('poison_batches');
    expect(others).toEqual([]);
    expect(kept).toMatchObject({
      reason: 'refused_by_ledger',
      attempts: 3,
      message_id: bad.id,
      data: bad.data,
    });
    expect(kept.message).toMatch(/SQLSTATE 22/);
    await expect(ledger('message_attempts')).resolves.toEqual([]);
    await expect(files()).resolves.toHaveLength(2);
  });

  it('removes left-overs: files nobody has known for an hour of this process, whatever their dates, and leaves those that are sealed', async () => {
    const batches = take();
    await flush(batches, [delivered(batchOf({ eventType, bucket, batch: 1 }))]);
    const [known] = await files();
    const directory = join(stagingDir, eventType);
    for (const name of ['old.ndjson.zst', 'old.txt']) {
      await writeFile(join(directory, name), '');
    }
    const longAgo = new Date(Date.now() - 2 * 60 * 60_000);
    for (const name of [known, 'old.ndjson.zst', 'old.txt']) {
      await utimes(join(directory, name), longAgo, longAgo);
    }
    let elapsedMs = 0;
    const remove = createLeftoverSweep({
      ledger,
      stagingDir,
      monotonicMs: () => elapsedMs,
    });

    await expect(remove()).resolves.toBe(0);
    await writeFile(join(directory, 'new.ndjson.zst'), '');
    elapsedMs = 60 * 60_000;
    await expect(remove()).resolves.toBe(1);
    expect((await files()).sort()).toEqual(
      [known, 'new.ndjson.zst', 'old.txt'].sort(),
    );

    const [{ partition_id }] = await ledger('partitions')
      .insert({
        event_type: eventType,
        bucket_start: bucket.start,
        bucket_seconds: 60,
        bucket_end: nextBucket.start,
        revision: 1,
        state: 'sealing',
        decision: '{}',
      })
      .returning('partition_id');
    await ledger('staged_batches').update({ partition_id });
    await expect(remove()).resolves.toBe(0);
    await ledger('staged_batches').update({ consumed_at: now });
    await expect(remove()).resolves.toBe(0);
    expect((await files()).sort()).toEqual(
      [known, 'new.ndjson.zst', 'old.txt'].sort(),
    );
  });

  it('has no left-overs in a staging folder that is not there yet', async () => {
    await expect(
      createLeftoverSweep({
        ledger,
        stagingDir: join(stagingDir, 'nowhere'),
      })(),
    ).resolves.toBe(0);
  });
});
