import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { inflateRawSync, zstdCompressSync } from 'node:zlib';
import { LakeStore, LocalLakeStore, PutResult } from '@millrace/lake';
import { createFileDecoder } from 'avsc';
import { NESTED_SCHEMA, SIMPLE_SCHEMA } from '../sealer/__testUtils__/schemas';
import { readParquetElsewhere } from '../sealer/__testUtils__/readParquetElsewhere';
import { bucketAt, event, useWorkshop } from '../sealer/__testUtils__/workshop';
import { createAvroSink } from './avro/createAvroSink';
import { createSinkLoader } from './createSinkLoader';

jest.setTimeout(60_000);

const TYPE = 'shop.order';

/** Where the variable-length integer that begins at `from` ends. */
function afterLong(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] >= 0x80) {
    at += 1;
  }
  return at + 1;
}

describe('Avro files of sealed partitions', () => {
  const workshop = useWorkshop();
  let root: string;
  let store: LocalLakeStore;
  let logs: string[];
  beforeEach(async () => {
    root = path.join(workshop().folder, 'avro');
    store = await LocalLakeStore.open({ root });
    logs = [];
  });

  function loader(
    options: { eventTypes?: string[]; store?: LakeStore } = {},
  ): ReturnType<typeof createSinkLoader> {
    const shop = workshop();
    const log = (message: string) => {
      logs.push(message);
    };
    return createSinkLoader({
      ledger: shop.db,
      sink: createAvroSink({
        lake: shop.store,
        store,
        ledger: shop.db,
        tempDirectory: path.join(shop.folder, 'avro-temp'),
        ...options,
      }),
      workerId: 'w',
      logger: { info: log, warn: log },
      pollMs: 0,
      retry: { baseMs: 0, maxMs: 0 },
    });
  }

  async function seal(
    data: unknown[],
    options: { schema?: unknown; eventType?: string } = {},
  ): Promise<void> {
    const shop = workshop();
    const { schema = SIMPLE_SCHEMA, eventType = TYPE } = options;
    await shop.provision({ [eventType]: { schema } });
    await shop.gateway('g', bucketAt(30).start);
    await shop.stage({
      eventType,
      events: data.map((each, n) =>
        event(`id-${n}`, each, {
          receivedAt: `2026-01-10T12:00:00.${String(n).padStart(6, '0')}Z`,
        }),
      ),
    });
    await shop.declare(bucketAt(0), { [eventType]: 1 });
    await shop.sealer().runOnce();
  }

  /** Once to make the files, once to find them made. */
  async function load(options?: Parameters<typeof loader>[0]) {
    const run = loader(options);
    return [await run(), await run()];
  }

  const states = async () => await workshop().db('sink_loads').pluck('state');
  const folder = () => path.join(root, workshop().pathOf(0));
  const readManifest = async () =>
    JSON.parse(await readFile(path.join(folder(), 'manifest.json'), 'utf8'));

  /** With the schema that the file brings, longs as avsc has them. */
  async function readAvro(): Promise<{ [field: string]: unknown }[]> {
    const [{ name }] = (await readManifest()).files;
    const records: { [field: string]: unknown }[] = [];
    for await (const record of createFileDecoder(path.join(folder(), name))) {
      records.push({ ...record });
    }
    return records;
  }

  it('hold what the Parquet files hold, for every kind of field', async () => {
    const whole = {
      text: 'a "b"\n',
      big: 9007199254740990,
      small: -3,
      ratio: 1.5,
      flag: true,
      kind: 'b',
      at: '2026-01-10T12:00:00.123456Z',
      day: '1969-12-31',
      uuid: '5f2d4c1a-1111-4111-8111-111111111111',
      json: { any: [1, null] },
      '+1': 7,
      items: [
        { sku: 's', price: 2, seen_at: '2026-01-10T12:00:00.1Z', tags: ['t'] },
        { sku: 'u' },
      ],
      counts: { 'a.b': [1, 2], __proto__x: [] },
    };
    await seal([whole, { text: '', big: 0 }], { schema: NESTED_SCHEMA });
    const [first, second] = await load();
    expect([first.begun, second.loaded]).toEqual([1, 1]);

    const records = await readAvro();
    expect(records).toHaveLength(2);
    expect(JSON.parse(JSON.stringify(records[0]))).toEqual({
      _id: 'id-0',
      _source: '/shop',
      _time: null,
      _received_at: Date.parse('2026-01-10T12:00:00Z') * 1_000,
      _producer: null,
      _epoch: null,
      _sequence: null,
      _schema_version: 1,
      _id_conflict: false,
      text: 'a "b"\n',
      big: 9007199254740990,
      small: -3,
      ratio: 1.5,
      flag: true,
      kind: 'b',
      at: Date.parse('2026-01-10T12:00:00Z') * 1_000 + 123_456,
      day: -1,
      uuid: '5f2d4c1a-1111-4111-8111-111111111111',
      json: '{"any":[1,null]}',
      plus_one: 7,
      items: [
        {
          sku: 's',
          price: 2,
          seen_at: Date.parse('2026-01-10T12:00:00.100Z'),
          tags: ['t'],
        },
        { sku: 'u', price: null, seen_at: null, tags: null },
      ],
      counts: { 'a.b': [1, 2], __proto__x: [] },
    });
    expect(records[1]).toMatchObject({ text: '', big: 0, items: null });

    const names = await readdir(
      path.join(workshop().folder, 'lake', workshop().pathOf(0)),
    );
    const parquet = names.find(name => name.endsWith('.parquet')) ?? '';
    const rows = await readParquetElsewhere(
      path.join(workshop().folder, 'lake', workshop().pathOf(0), parquet),
    );
    expect(records.map(record => record._id)).toEqual(rows.map(row => row._id));
    expect(records.map(record => String(record.big))).toEqual(
      rows.map(row => row.big),
    );
  });

  it('hold integers that a number cannot', async () => {
    const schema = {
      type: 'record',
      name: 'Big',
      fields: [
        { name: 'big', type: 'long' },
        { name: 'list', type: { type: 'array', items: 'long' } },
      ],
    };
    const shop = workshop();
    await shop.provision({ [TYPE]: { schema } });
    await shop.gateway('g', bucketAt(30).start);
    const big = '9223372036854775807';
    const line = `{"id":"1","source":"/shop","time":null,"receivedAt":"2026-01-10T12:00:00.5Z","producer":null,"epoch":null,"sequence":null,"data":{"big":${big},"list":[-${big}]}}\n`;
    await shop.stage({
      events: [event('1', {})],
      content: zstdCompressSync(Buffer.from(line)),
    });
    await shop.declare(bucketAt(0), { [TYPE]: 1 });
    await shop.sealer().runOnce();
    await load();
    expect(logs).toContainEqual(expect.stringContaining('1 rows'));

    const [{ name }] = (await readManifest()).files;
    const bytes = await readFile(path.join(folder(), name));
    // The only block: after the header, its count and its length, before the
    // marker at the end.
    const marker = bytes.subarray(-16);
    const counts = bytes.indexOf(marker) + 16;
    const from = afterLong(bytes, afterLong(bytes, counts));
    const block = inflateRawSync(bytes.subarray(from, -16));
    const zigZag = Buffer.from('feffffffffffffffff01', 'hex');
    const negative = Buffer.from('fdffffffffffffffff01', 'hex');
    expect(block.includes(zigZag)).toBe(true);
    expect(block.includes(negative)).toBe(true);
  });

  it('are written of the event types that are named, and of no others', async () => {
    await seal([{ n: 1 }]);
    await load({ eventTypes: ['page.viewed'] });
    expect(await states()).toEqual([]);
    expect(await readdir(root)).not.toContain(TYPE);
    await load({ eventTypes: [TYPE] });
    expect(await states()).toEqual(['loaded']);
  });

  it('are complete once, whenever writing them was cut short', async () => {
    await seal([{ n: 1 }, { n: 2 }]);
    let left = 0;
    const failing: LakeStore = {
      list: prefix => store.list(prefix),
      get: key => store.get(key),
      stat: key => store.stat(key),
      delete: key => store.delete(key),
      localCopy: key => store.localCopy(key),
      putIfAbsent: (key, file) => put(() => store.putIfAbsent(key, file)),
      putBytesIfAbsent: (key, bytes) =>
        put(() => store.putBytesIfAbsent(key, bytes)),
    };
    async function put(write: () => Promise<PutResult>): Promise<PutResult> {
      left -= 1;
      if (left < 0) {
        throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
      }
      return await write();
    }
    for (left = 0; left < 2; ) {
      const allowed = left;
      await load({ store: failing });
      left = allowed + 1;
    }
    expect((await states())[0]).not.toBe('loaded');
    await load();
    await load();
    expect(await states()).toEqual(['loaded']);
    const names = await readdir(folder());
    const manifest = await readManifest();
    // One file, however often it was begun: its name is made of its content.
    expect(names.sort()).toEqual(
      ['manifest.json', manifest.files[0].name].sort(),
    );
    expect(manifest).toMatchObject({ rows: 2, revision: 1, endpoint: TYPE });
    expect((await readAvro()).map(record => record.n)).toEqual([1, 2]);
  });

  it('that went missing before they were counted are written again', async () => {
    await seal([{ n: 1 }]);
    const run = loader();
    await run();
    const [{ name }] = (await readManifest()).files;
    await store.delete(`${workshop().pathOf(0)}/${name}`);
    await run();
    expect(await states()).toEqual(['failed']);
    expect(logs.join()).toContain('is not there as its manifest names it');
    await load();
    expect(await states()).toEqual(['loaded']);
    expect((await readAvro()).map(record => record.n)).toEqual([1]);
  });

  it('name the field whose values the schema has no place for, and no value', async () => {
    const schema = (symbols: string[]) => ({
      type: 'record',
      name: 'Order',
      fields: [{ name: 'kind', type: { type: 'enum', name: 'K', symbols } }],
    });
    await seal([{ kind: 'secret' }], { schema: schema(['secret']) });
    await workshop().provision({
      [TYPE]: { schema: schema(['other']), version: 2 },
    });
    await load();
    expect(await states()).toEqual(['failed']);
    const [{ reason, message }] = await workshop().db('sink_loads');
    expect(reason).toBe('schema_not_loadable');
    expect(message).toContain('/kind does not fit enum');
    expect(message).not.toContain('secret');
  });
});
