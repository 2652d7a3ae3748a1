import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { zstdCompressSync } from 'node:zlib';
import { readManifest, readRows } from '@millrace/lake';
import {
  forceClosing,
  getPartition,
  listRefusedEvents,
  readClosingInputs,
  readWaitingBucket,
  Tier,
} from '@millrace/ledger';
import { readParquetElsewhere } from './__testUtils__/readParquetElsewhere';
import {
  NESTED_SCHEMA,
  NEXT_SCHEMA,
  SIMPLE_SCHEMA,
} from './__testUtils__/schemas';
import {
  bucketAt,
  event,
  HALF_PAST,
  useWorkshop,
  Workshop,
} from './__testUtils__/workshop';

jest.setTimeout(60_000);

const TYPE = 'shop.order';
const workshop = useWorkshop();

/** The rows of a partition as objects. */
async function rowsOf(shop: Workshop, n: number, eventType = TYPE) {
  const page = await readRows(shop.store, {
    path: shop.pathOf(n, eventType),
    limit: 1000,
  });
  return page.rows.map(row =>
    Object.fromEntries(
      page.columns.map(({ name }, index) => [name, row[index]]),
    ),
  );
}

/** One gateway that lives for `buckets` minutes and has declared nothing. */
async function open(buckets: number, schema: unknown = SIMPLE_SCHEMA) {
  const shop = workshop();
  await shop.provision({ [TYPE]: { schema } });
  await shop.gateway('g', new Date(bucketAt(buckets).start.getTime() - 1));
  return shop;
}

describe('a sealed bucket', () => {
  it('has nested values as they were sent, in both a reader of ours and a foreign one', async () => {
    const shop = await open(1, NESTED_SCHEMA);
    const full = {
      text: 'a\u0000b "quoted" \u2028 ✓',
      big: 9007199254740991,
      small: -2147483648,
      ratio: 0.1,
      flag: false,
      kind: 'b',
      at: '2026-01-10T13:00:00.123456+01:00',
      day: '2026-02-28',
      uuid: '5f2d4c1a-1111-4111-8111-111111111111',
      json: { a: [1, null, { b: 'x' }] },
      '+1': 7,
      items: [
        { sku: 's1', price: 1.5, seen_at: '2026-01-10T12:00:00Z', tags: [] },
        { sku: 's2' },
      ],
      counts: { 'a.b': [1, 2], __proto__x: [], '': [3] },
    };
    const file = await shop.stage({
      events: [
        event('2026-01-10', full, {
          time: '2026-01-10T11:59:59.5Z',
          producer: 'p',
          epoch: '7',
          sequence: 42,
        }),
        event('bare', { text: '', big: 0, small: null }),
      ],
    });
    await shop.declare(bucketAt(0), { [TYPE]: 1 });

    expect(await shop.sealer().runOnce()).toMatchObject({
      sealed: 1,
      blocked: 0,
      failed: 0,
    });

    const absent = {
      small: null,
      ratio: null,
      flag: null,
      kind: null,
      at: null,
      day: null,
      uuid: null,
      json: null,
      '+1': null,
      items: null,
      counts: null,
    };
    expect(await rowsOf(shop, 0)).toEqual([
      {
        _id: '2026-01-10',
        _source: '/shop',
        _time: '2026-01-10T11:59:59.500Z',
        _received_at: '2026-01-10T12:00:00.500Z',
        _producer: 'p',
        _epoch: '7',
        _sequence: 42,
        _schema_version: 1,
        _id_conflict: false,
        ...full,
        at: '2026-01-10T12:00:00.123456Z',
        json: '{"a":[1,null,{"b":"x"}]}',
        items: [
          {
            sku: 's1',
            price: 1.5,
            seen_at: '2026-01-10T12:00:00.000Z',
            tags: [],
          },
          { sku: 's2', price: null, seen_at: null, tags: null },
        ],
      },
      {
        _id: 'bare',
        _source: '/shop',
        _time: null,
        _received_at: '2026-01-10T12:00:00.500Z',
        _producer: null,
        _epoch: null,
        _sequence: null,
        _schema_version: 1,
        _id_conflict: false,
        text: '',
        big: 0,
        ...absent,
      },
    ]);

    const manifest = (await readManifest(shop.store, shop.pathOf(0)))!;
    const [elsewhere] = await readParquetElsewhere(
      await shop.store.localPath(`${shop.pathOf(0)}/${manifest.files[0].name}`),
    );
    expect(elsewhere).toMatchObject({
      _id: '2026-01-10',
      text: full.text,
      big: '9007199254740991',
      json: full.json,
      '+1': '7',
      items: [{ sku: 's1', price: 1.5 }, { sku: 's2' }],
    });
    expect(Object.keys(elsewhere).slice(0, 9)).toEqual([
      '_id',
      '_source',
      '_time',
      '_received_at',
      '_producer',
      '_epoch',
      '_sequence',
      '_schema_version',
      '_id_conflict',
    ]);

    expect(manifest).toMatchObject({
      eventType: TYPE,
      bucket: { start: '2026-01-10T12:00:00.000Z', seconds: 60 },
      schemaVersion: 1,
      schemaVersions: [1],
      counts: { accepted: 2, delivered: 2, duplicates: 0, refused: 0 },
      minTime: '2026-01-10T11:59:59.500Z',
      maxReceivedAt: '2026-01-10T12:00:00.500Z',
      sealedAt: HALF_PAST.toISOString(),
      decision: { rule: 'every-gateway-declared', verdict: 'closed' },
      inputs: { batches: 1 },
    });
    expect(
      await getPartition(shop.db, {
        eventType: TYPE,
        bucketStart: bucketAt(0).start,
      }),
    ).toMatchObject({
      state: 'sealed',
      delivered: 2,
      sealedAt: HALF_PAST,
      files: manifest.files,
      decision: manifest.decision,
    });
    // Kept for a while, to make a revision from.
    await readFile(file);
    expect(await shop.sealer().runOnce()).toMatchObject({ sealed: 0 });
  });

  it('has no duplicates, of its own or of earlier buckets, and marks conflicts', async () => {
    const shop = await open(2);
    const later = { receivedAt: '2026-01-10T12:00:59Z' };
    await shop.stage({
      events: [
        event('twice', { n: 1 }, later),
        event('other source', { n: 5 }, { source: '/b' }),
        event('conflict', { n: 2 }, later),
      ],
    });
    await shop.stage({
      batch: 2,
      events: [
        event('twice', { n: 1 }, { producer: 'retry' }),
        event('other source', { n: 6 }, { source: '/a' }),
        event('conflict', { n: 1 }),
        event('conflict', { n: 2 }, later),
      ],
    });
    const second = bucketAt(1);
    await shop.stage({
      bucket: second,
      batch: 1,
      events: [
        event('twice', { n: 1 }),
        event('conflict', { n: 2 }),
        event('conflict', { n: 3 }),
        event('new', { n: 1 }),
      ],
    });
    await shop.declare(bucketAt(0), { [TYPE]: 2 });
    await shop.declare(second, { [TYPE]: 1 });

    expect(await shop.sealer().runOnce()).toMatchObject({ sealed: 2 });

    const brief = async (n: number) =>
      (await rowsOf(shop, n)).map(row => [
        row._id,
        row.n,
        row._producer,
        row._id_conflict,
      ]);
    // Of two copies the one received first stays; so does its id.
    expect(await brief(0)).toEqual([
      ['conflict', 1, null, false],
      ['other source', 5, null, false],
      ['other source', 6, null, false],
      ['twice', 1, 'retry', false],
      ['conflict', 2, null, true],
    ]);
    expect(await brief(1)).toEqual([
      ['conflict', 3, null, true],
      ['new', 1, null, false],
    ]);
    const countsOf = async (n: number) =>
      (await readManifest(shop.store, shop.pathOf(n)))?.counts;
    expect(await countsOf(0)).toEqual({
      accepted: 7,
      delivered: 5,
      duplicates: 2,
      refused: 0,
      conflicts: 1,
      skewed: 0,
    });
    expect(await countsOf(1)).toEqual({
      accepted: 4,
      delivered: 2,
      duplicates: 2,
      refused: 0,
      conflicts: 1,
      skewed: 0,
    });
  });

  it('without events is a manifest alone, for which DuckDB is not started', async () => {
    const shop = await open(1);
    await shop.declare(bucketAt(0));
    const run = await shop.sealer({ memoryLimit: 'no such size' }).runOnce();
    expect(run).toMatchObject({ sealed: 1, failed: 0 });
    expect(await shop.store.list(shop.pathOf(0))).toEqual([
      `${shop.pathOf(0)}/manifest.json`,
    ]);
    expect(
      await getPartition(shop.db, {
        eventType: TYPE,
        bucketStart: bucketAt(0).start,
      }),
    ).toMatchObject({ state: 'sealed', empty: true, accepted: 0 });
  });

  it('keeps what does not cast, with its reason, and delivers the rest', async () => {
    const shop = await open(1, NESTED_SCHEMA);
    const good = { text: 'x', big: 1 };
    await shop.stage({
      events: [
        event('good', good),
        event('leap second', { ...good, at: '2016-12-31T23:59:60Z' }),
        event('deep', {
          ...good,
          items: [{ sku: 's' }, { sku: 's', seen_at: '2016-12-31T23:59:60Z' }],
        }),
        event('deep', {
          ...good,
          items: [{ sku: 's' }, { sku: 's', seen_at: '2016-12-31T23:59:60Z' }],
        }),
        event('lower case', {
          ...good,
          items: [{ sku: 's', seen_at: '2026-01-10T12:00:00z' }],
        }),
        event('wrong type', { ...good, small: 'many' }),
        event('missing', { text: 'x' }),
        event('not an object', 5),
        event('bad time', good, { time: '2016-12-31T23:59:60Z' }),
      ],
    });
    await shop.declare(bucketAt(0), { [TYPE]: 1 });
    expect(await shop.sealer().runOnce()).toMatchObject({ sealed: 1 });

    expect((await rowsOf(shop, 0)).map(row => row._id)).toEqual(['good']);
    expect(
      (await readManifest(shop.store, shop.pathOf(0)))?.counts,
    ).toMatchObject({ accepted: 9, delivered: 1, duplicates: 1, refused: 7 });
    const refused = await listRefusedEvents(shop.db, {
      eventType: TYPE,
      limit: 100,
    });
    expect(
      Object.fromEntries(refused.map(row => [row.eventId, row.pointer])),
    ).toEqual({
      'leap second': '/data/at',
      deep: '/data/items/1/seen_at',
      'lower case': '/data/items/0/seen_at',
      'wrong type': '/data/small',
      missing: '/data/big',
      'not an object': '/data',
      'bad time': '/time',
    });
    expect(refused.every(row => row.reason === 'cast_failed')).toBe(true);
    expect(refused.every(row => row.stage === 'sealing')).toBe(true);
  });

  it('that is large is sealed in shards, with nothing else to tell it by than its files', async () => {
    const shop = await open(2);
    await shop.provision({ [TYPE]: { schema: NEXT_SCHEMA, version: 2 } });
    const ids = Array.from({ length: 200 }, (_, n) => `id-${n}`);
    const data = (n: number) => ({
      n,
      ...(n % 2 && { shop: { city: 'Oslo' } }),
    });
    for (const n of [0, 1]) {
      await shop.stage({
        bucket: bucketAt(n),
        events: [
          ...ids.map((id, index) => event(id, data(index))),
          event('id-7', { n: 700 + n }),
          event('bad', { n: `no number ${n}` }),
        ],
      });
      await shop.stage({
        bucket: bucketAt(n),
        batch: 2,
        schemaVersion: 2,
        events: [event('id-3', data(3)), event(`only in ${n}`, { n })],
      });
      await shop.declare(bucketAt(n), { [TYPE]: 2 });
    }
    const sealer = shop.sealer({ shardBytes: 5_000 });
    expect(await sealer.runOnce()).toMatchObject({ sealed: 2, failed: 0 });

    const first = (await readManifest(shop.store, shop.pathOf(0)))!;
    expect(first.files.length).toBeGreaterThan(3);
    expect(first.counts).toEqual({
      accepted: 204,
      delivered: 202,
      duplicates: 1,
      refused: 1,
      conflicts: 1,
      skewed: 0,
    });
    expect(first.ids?.rows).toBe(202);
    const rows = await rowsOf(shop, 0);
    expect(rows.map(row => row._id).sort()).toEqual(
      [...ids, 'id-7', 'only in 0'].sort(),
    );
    expect(rows.find(row => row._id === 'id-3')).toMatchObject({
      n: 3,
      shop: { city: 'Oslo' },
    });
    expect(
      (await readManifest(shop.store, shop.pathOf(1)))?.counts,
    ).toMatchObject({ accepted: 204, delivered: 2, duplicates: 201 });
    expect((await rowsOf(shop, 1)).map(row => row._id).sort()).toEqual([
      'id-7',
      'only in 1',
    ]);
  });

  it('holds events of all schema versions under the columns of the newest', async () => {
    const shop = await open(1);
    await shop.provision({ [TYPE]: { schema: NEXT_SCHEMA, version: 2 } });
    await shop.stage({ events: [event('old', { n: 1 })] });
    await shop.stage({
      batch: 2,
      schemaVersion: 2,
      events: [event('new', { n: 2, shop: { city: 'Oslo' } })],
    });
    await shop.declare(bucketAt(0), { [TYPE]: 2 });
    await shop.sealer().runOnce();
    expect(
      (await rowsOf(shop, 0)).map(row => [
        row._id,
        row._schema_version,
        row.shop,
      ]),
    ).toEqual([
      ['new', 2, { city: 'Oslo' }],
      ['old', 1, null],
    ]);
    expect(await readManifest(shop.store, shop.pathOf(0))).toMatchObject({
      schemaVersion: 2,
      schemaVersions: [1, 2],
    });
  });

  it('keeps the values of a field that the newest version has dropped', async () => {
    const shop = await open(1, NEXT_SCHEMA);
    await shop.stage({
      events: [event('old', { n: 1, shop: { city: 'Oslo' } })],
    });
    await shop.provision({
      [TYPE]: {
        schema: SIMPLE_SCHEMA,
        sealingSchema: NEXT_SCHEMA,
        version: 2,
      },
    });
    await shop.stage({
      batch: 2,
      schemaVersion: 2,
      events: [event('new', { n: 2 })],
    });
    await shop.declare(bucketAt(0), { [TYPE]: 2 });
    await shop.sealer().runOnce();
    expect(
      (await rowsOf(shop, 0)).map(row => [
        row._id,
        row._schema_version,
        row.shop,
      ]),
    ).toEqual([
      ['new', 2, null],
      ['old', 1, { city: 'Oslo' }],
    ]);
  });

  it('stays as it is when a batch comes late; that lands in a later one, as skew', async () => {
    const shop = await open(2);
    await shop.declare(bucketAt(0));
    await shop.sealer().runOnce();
    const manifest = await shop.store.get(`${shop.pathOf(0)}/manifest.json`);

    await shop.stage({
      events: [event('late', { n: 1 })],
      now: bucketAt(1).start,
    });
    await shop.declare(bucketAt(1));
    expect(await shop.sealer().runOnce()).toMatchObject({ sealed: 1 });
    expect(await shop.store.get(`${shop.pathOf(0)}/manifest.json`)).toEqual(
      manifest,
    );
    expect((await rowsOf(shop, 1)).map(row => row._id)).toEqual(['late']);
    expect(
      (await readManifest(shop.store, shop.pathOf(1)))?.counts,
    ).toMatchObject({ accepted: 1, delivered: 1, skewed: 1 });
  });
});

describe('a bucket that is due', () => {
  it('waits for what its gateways declare, and says why once per change', async () => {
    const shop = await open(40);
    const sealer = shop.sealer({ limit: 1 });
    const reasons = async () =>
      (await sealer.runOnce()).blockedBuckets.flatMap(({ reasons: all }) =>
        all.map(({ code }) => code),
      );
    await shop.stage({ events: [event('a', { n: 1 })] });
    expect(await reasons()).toEqual(['gateway_not_declared']);
    expect(await reasons()).toEqual(['gateway_not_declared']);
    expect(shop.logs).toHaveLength(1);

    await shop.declare(bucketAt(0), { [TYPE]: 2 });
    expect(await reasons()).toEqual(['batches_missing']);
    expect(shop.logs).toHaveLength(2);
    expect(shop.logs[1]).toContain('1 are not staged yet, the first is 2');

    await shop.stage({ batch: 2, events: [event('b', { n: 1 })] });
    expect(await sealer.runOnce()).toMatchObject({ sealed: 1, blocked: 0 });
    expect(await rowsOf(shop, 0)).toHaveLength(2);
  });

  it('of a gateway that died closes when the backlog has passed its last instant', async () => {
    const shop = await open(1);
    await shop.stage({ events: [event('a', { n: 1 })] });
    let backlog:
      | {
          measuredAt: Date;
          oldestUnackedAgeSeconds: number;
          undelivered: number;
        }
      | undefined;
    const asked: string[] = [];
    const sealer = shop.sealer({
      backlog: async eventType => {
        asked.push(eventType);
        return backlog;
      },
    });
    expect((await sealer.runOnce()).blockedBuckets[0].reasons).toMatchObject([
      { code: 'backlog_unknown' },
    ]);
    backlog = {
      measuredAt: HALF_PAST,
      oldestUnackedAgeSeconds: 30 * 60,
      undelivered: 1,
    };
    expect((await sealer.runOnce()).blockedBuckets[0].reasons).toMatchObject([
      { code: 'backlog_not_passed' },
    ]);
    backlog = { ...backlog, oldestUnackedAgeSeconds: 5 };
    expect(await sealer.runOnce()).toMatchObject({ sealed: 1, blocked: 0 });
    expect(asked).toEqual([TYPE, TYPE, TYPE]);
    expect(await readManifest(shop.store, shop.pathOf(0))).toMatchObject({
      decision: {
        rule: 'backlog-passed',
        inputs: { backlog: { undelivered: 1 } },
      },
    });
  });

  it('with a damaged staged file holds up neither other types nor the next bucket', async () => {
    const shop = workshop();
    await shop.provision({
      [TYPE]: { schema: SIMPLE_SCHEMA, tier: 'critical' },
      'shop.other': { schema: SIMPLE_SCHEMA },
    });
    await shop.gateway('g', new Date(bucketAt(2).start.getTime() - 1));
    const many = Array.from({ length: 2000 }, (_, n) => event(`${n}`, { n }));
    const file = await shop.stage({ events: many });
    await truncate(file, 2000);
    await shop.stage({ bucket: bucketAt(1), events: [event('a', { n: 1 })] });
    await shop.stage({
      eventType: 'shop.other',
      events: [event('a', { n: 1 })],
    });
    await shop.declare(bucketAt(0), { [TYPE]: 1, 'shop.other': 1 });
    await shop.declare(bucketAt(1), { [TYPE]: 1 });
    const sealer = shop.sealer();
    expect(await sealer.runOnce()).toMatchObject({ sealed: 3, failed: 1 });
    expect(await rowsOf(shop, 1)).toHaveLength(1);
    expect(await rowsOf(shop, 0, 'shop.other')).toHaveLength(1);
    expect(await readManifest(shop.store, shop.pathOf(0))).toBeUndefined();
    expect(shop.logs.filter(line => line.includes('failed'))).toEqual([
      expect.stringContaining('ends before the batch at 0'),
    ]);

    const tries = shop.logs.length;
    expect(await sealer.runOnce()).toMatchObject({ sealed: 0, failed: 1 });
    expect(shop.logs).toHaveLength(tries);
    shop.now = new Date(HALF_PAST.getTime() + 1_000);
    await sealer.runOnce();
    expect(shop.logs).toHaveLength(tries + 1);
  });

  it.each<[string, Buffer, number]>([
    ['fewer events than its header says', Buffer.from('{"id":"a"}\n'), 2],
    ['no zstd at all', Buffer.from('secret value, not zstd'), 1],
    ['no JSON', Buffer.from('{"id": secret value}\n'), 1],
  ])(
    'is not sealed from a batch with %s, which is named without its content',
    async (what, content, events) => {
      const shop = await open(1);
      await shop.stage({
        events: [],
        content: what.startsWith('no zstd')
          ? content
          : zstdCompressSync(content),
        declaredEvents: events,
      });
      await shop.declare(bucketAt(0), { [TYPE]: 1 });
      expect(await shop.sealer().runOnce()).toMatchObject({ failed: 1 });
      expect(shop.logs.join()).toContain(
        'do not hold what the ledger recorded',
      );
      expect(shop.logs.join()).not.toContain('secret');
      expect(await shop.store.list(TYPE)).toEqual([]);
    },
  );

  it('of a type that has left the snapshot gets the columns it last had', async () => {
    const shop = await open(1);
    await shop.stage({ events: [event('a', { n: 1 })] });
    await shop.declare(bucketAt(0), { [TYPE]: 1 });
    await shop.provision({ 'shop.other': { schema: SIMPLE_SCHEMA } });

    await shop.sealer().runOnce();

    expect(await rowsOf(shop, 0)).toMatchObject([{ _id: 'a', n: 1 }]);
  });

  it('of a type that no snapshot has is kept for later', async () => {
    const shop = workshop();
    await shop.provision({ 'shop.other': { schema: SIMPLE_SCHEMA } });
    const file = await shop.stage({ events: [event('a', { n: 1 })] });
    const sealer = shop.sealer({
      backlog: async () => ({
        measuredAt: HALF_PAST,
        oldestUnackedAgeSeconds: 0,
        undelivered: 0,
      }),
    });
    expect(await sealer.runOnce()).toMatchObject({ sealed: 0, failed: 1 });
    expect(shop.logs.join()).toContain('has the event type');
    await readFile(file);
  });

  it('is sealed once the working folder can be made, if that failed at first', async () => {
    const shop = await open(1);
    await shop.stage({ events: [event('a', { n: 1 })] });
    await shop.declare(bucketAt(0), { [TYPE]: 1 });
    const inTheWay = `${shop.folder}/in-the-way`;
    await writeFile(inTheWay, '');
    const sealer = shop.sealer({ tempDirectory: `${inTheWay}/sealer` });
    await expect(sealer.runOnce()).rejects.toMatchObject({ code: 'ENOTDIR' });

    await rm(inTheWay);
    expect(await sealer.runOnce()).toMatchObject({ sealed: 1 });
  });

  it('leaves nothing in its working folder', async () => {
    const shop = await open(1);
    await shop.stage({ events: [event('a', { n: 1 })] });
    await shop.declare(bucketAt(0), { [TYPE]: 1 });
    await shop.sealer().runOnce();
    const left = await readdir(`${shop.folder}/sealer-w`);
    expect(left.filter(name => name.startsWith('seal-'))).toEqual([]);
    expect(
      await readClosingInputs(shop.db, {
        eventType: TYPE,
        bucket: bucketAt(0),
      }),
    ).toMatchObject({ gateways: [{ stagedBatches: 1 }] });
  });
});

describe('a bucket that is closed by force', () => {
  it('is sealed with what it has; the order is in ledger and manifest, and what comes later is skew', async () => {
    const shop = await open(2);
    const one = [event('a', { n: 1 })];
    await shop.stage({ events: one });
    await shop.declare(bucketAt(0), { [TYPE]: 2 });
    const sealer = shop.sealer();
    expect(await sealer.runOnce()).toMatchObject({ sealed: 0 });
    const bucketStart = bucketAt(0).start;
    await expect(
      readWaitingBucket(shop.db, { eventType: TYPE, bucketStart }),
    ).resolves.toMatchObject({
      worker: 'w',
      decision: {
        verdict: 'blocked',
        reasons: [{ code: 'batches_missing' }],
        inputs: { gateways: [{ gateway: 'g', missingBatches: [2] }] },
      },
    });

    await forceClosing(shop.db, {
      eventType: TYPE,
      bucketStart,
      reason: 'batch 2 was lost with its broker',
      requestedBy: 'user:default/platform',
    });
    expect(await sealer.runOnce()).toMatchObject({ sealed: 1 });
    const partition = await getPartition(shop.db, {
      eventType: TYPE,
      bucketStart,
    });
    const manifest = await readManifest(shop.store, shop.pathOf(0));
    for (const decision of [partition?.decision, manifest?.decision]) {
      expect(decision).toMatchObject({
        rule: 'forced',
        inputs: {
          forced: {
            reason: 'batch 2 was lost with its broker',
            requestedBy: 'user:default/platform',
            overruled: {
              rule: 'every-gateway-declared',
              reasons: [{ code: 'batches_missing' }],
            },
            missing: {
              gateways: [
                { gateway: 'g', epoch: '1', batches: [2], eventsAtMost: 1 },
              ],
              eventsAtMost: 1,
            },
          },
        },
      });
    }

    // It was not lost after all.
    await shop.stage({
      batch: 2,
      events: [event('b', { n: 2 })],
      now: bucketAt(1).start,
    });
    await shop.declare(bucketAt(1));
    expect(await sealer.runOnce()).toMatchObject({ sealed: 1 });
    expect((await rowsOf(shop, 0)).map(row => row._id)).toEqual(['a']);
    expect((await rowsOf(shop, 1)).map(row => row._id)).toEqual(['b']);
    await expect(
      getPartition(shop.db, {
        eventType: TYPE,
        bucketStart: bucketAt(1).start,
      }),
    ).resolves.toMatchObject({ delivered: 1, skewed: 1 });
  });
});

describe('when there is less capacity than work', () => {
  /** The order in which buckets are sealed, with one at a time. */
  function inOrder(
    shop: Workshop,
    overrides: Parameters<Workshop['sealer']>[0] = {},
  ) {
    const order: string[] = [];
    const sealer = shop.sealer({
      concurrency: 1,
      onStep: (step, eventType) => {
        if (step === 'committed') {
          order.push(eventType);
        }
      },
      ...overrides,
    });
    return { sealer, order };
  }
  const provision = (shop: Workshop, counts: Partial<Record<Tier, number>>) =>
    shop.provision(
      Object.fromEntries(
        Object.entries(counts).flatMap(([tier, count]) =>
          Array.from({ length: count }, (_, n) => [
            `${tier}.n${n}`,
            { schema: SIMPLE_SCHEMA, tier: tier as Tier },
          ]),
        ),
      ),
    );
  const tierOf = (eventType: string) => eventType.split('.')[0];

  it('seals critical types first, then normal ones, then low ones', async () => {
    const shop = workshop();
    await provision(shop, { low: 3, normal: 3, critical: 3 });
    await shop.gateway('g', new Date(bucketAt(1).start.getTime() - 1));
    await shop.declare(bucketAt(0));
    // Nothing is late yet.
    shop.now = new Date(bucketAt(1).start.getTime() + 1_000);
    const { sealer, order } = inOrder(shop);
    expect(await sealer.runOnce()).toMatchObject({ sealed: 9 });
    expect(order.map(tierOf)).toEqual([
      ...Array(3).fill('critical'),
      ...Array(3).fill('normal'),
      ...Array(3).fill('low'),
    ]);
  });

  it('starves no low type while critical ones keep coming, however far behind', async () => {
    const shop = workshop();
    await provision(shop, { low: 2, critical: 20 });
    await shop.gateway('g', new Date(bucketAt(1).start.getTime() - 1));
    await shop.declare(bucketAt(0));
    // Half an hour later everything is overdue, critical ones included.
    const { sealer, order } = inOrder(shop);
    expect(await sealer.runOnce()).toMatchObject({ sealed: 22 });
    const lows = order.flatMap((type, n) =>
      tierOf(type) === 'low' ? [n] : [],
    );
    // One turn in eight, and critical types have all the others.
    expect(lows).toEqual([7, 15]);
  });

  it('looks again for critical buckets before it has done all that was due', async () => {
    const shop = workshop();
    await provision(shop, { low: 6 });
    await shop.gateway('g', new Date(bucketAt(1).start.getTime() - 1));
    await shop.declare(bucketAt(0));
    shop.now = new Date(bucketAt(1).start.getTime() + 1_000);
    const { sealer, order } = inOrder(shop, {
      // One turn, and it looks again.
      maxTurnsMs: 0.001,
      onStep: async (step, eventType) => {
        if (step === 'committed') {
          order.push(eventType);
          if (order.length === 2) {
            await provision(shop, { low: 6, critical: 1 });
            await shop.db('event_types').update({
              provisioned_at: bucketAt(0).start,
              closed_through: bucketAt(0).start,
            });
          }
        }
      },
    });
    expect(await sealer.runOnce()).toMatchObject({ sealed: 7 });
    expect(order.map(tierOf)).toEqual([
      'low',
      'low',
      'critical',
      ...Array(4).fill('low'),
    ]);
  });
});
