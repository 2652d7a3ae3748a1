import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigSnapshot, SnapshotStanding } from '@millrace/ledger';
import { createSnapshot, silentLogger } from '../__testUtils__/fixtures';
import { ManualClock } from '../__testUtils__/manualClock';
import { inSlices } from './inSlices';
import { SnapshotStore } from './snapshotStore';

/** JSON with the names of objects in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value);
  }
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`);
  return `{${entries.join(',')}}`;
}

/** With what a publisher adds to prove that it is whole. */
function sealed(snapshot: ConfigSnapshot): ConfigSnapshot {
  const { bucketSeconds, eventTypes, writeKeys } = snapshot;
  const text = canonical({
    bucketSeconds,
    eventTypes: [...eventTypes].sort((a, b) => (a.name < b.name ? -1 : 1)),
    writeKeys: [...writeKeys].sort((a, b) => (a.keyId < b.keyId ? -1 : 1)),
  });
  return {
    ...snapshot,
    integrity: {
      contentHash: createHash('sha256').update(text).digest('hex'),
      eventTypeCount: eventTypes.length,
      writeKeyCount: writeKeys.length,
    },
  };
}

describe('SnapshotStore', () => {
  let folder: string;
  let file: string;
  let logged: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-'));
    file = join(folder, 'gateway', 'snapshot.json');
    logged = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  const log = (message: string) => {
    logged.push(message);
  };
  const createStore = (clock = new ManualClock()) =>
    new SnapshotStore({
      file,
      logger: { ...silentLogger, warn: log, error: log },
      onAdopt: () => {},
      clock,
    });

  const offer = (
    store: SnapshotStore,
    snapshot: unknown,
    standing: SnapshotStanding = 'outdated',
  ) =>
    store.refresh({
      compareSnapshot: async () => standing,
      readSnapshot: async () => snapshot as ConfigSnapshot,
    });

  it('finds in its next life what it last ran, readable by nobody else', async () => {
    const published = { ...createSnapshot({ generation: 7 }), lineage: 'a' };
    await offer(createStore(), sealed(published));

    const next = createStore();
    await next.load();

    expect(next.current?.generation).toBe(7);
    expect(next.current?.eventTypes.get('shop.order')).toMatchObject({
      refusedTopic: 'refused.shop.order',
      schema: { avro: { name: 'Order' } },
    });
    expect((await stat(file)).mode % 0o1000).toBe(0o600);
    // And it still knows by what to compare it.
    const asked: unknown[] = [];
    await next.refresh({
      compareSnapshot: async running => {
        asked.push(running);
        return 'current';
      },
      readSnapshot: async () => undefined,
    });
    expect(asked).toMatchObject([
      { generation: 7, lineage: 'a', integrity: { eventTypeCount: 2 } },
    ]);
  });

  it('starts without a snapshot when there is none', async () => {
    const store = createStore();
    await store.load();
    expect(store.current).toBeUndefined();
    expect(logged).toEqual([]);
  });

  it('starts with a file of an earlier release, which has no checksum and fewer fields', async () => {
    const snapshot = createSnapshot({ generation: 5 });
    const store = createStore();
    await offer(store, snapshot);
    const { eventTypes, writeKeys, ...rest } = snapshot;
    await writeFile(
      file,
      JSON.stringify({
        ...rest,
        eventTypes: eventTypes.map(
          ({ refusedTopic: _t, refusedSubscription: _s, ...type }) => type,
        ),
        writeKeys: writeKeys.map(({ kind: _kind, ...key }) => key),
      }),
    );
    const next = createStore();
    await next.load();
    expect(next.current?.eventTypes.get('shop.order')?.refusedTopic).toBe(
      'refused-events',
    );
    expect([...next.current!.writeKeys.values()]).toMatchObject([
      { kind: 'server' },
      { kind: 'server' },
    ]);
  });

  it('does not start with a file that was cut or changed anywhere', async () => {
    await offer(createStore(), sealed(createSnapshot()));
    const whole = await readFile(file, 'utf8');
    const damaged = [
      whole.slice(0, 10),
      whole.slice(0, whole.length / 2),
      whole.slice(0, -2),
      whole.replace('"generation":1', '"generation":9'),
      whole.replace('shop.refund', 'shop.refuse'),
      `0${whole.slice(1)}`,
      '{',
    ];
    for (const content of damaged) {
      await writeFile(file, content);
      const store = createStore();
      await store.load();
      expect(store.current).toBeUndefined();
      expect(store.refused).toBe(1);
    }
    expect(logged).toHaveLength(damaged.length);
  });

  it.each<[string, object]>([
    ['older', { generation: 2 }],
    ['of the same generation', { generation: 3, eventTypes: [] }],
    ['without types', { generation: 4, eventTypes: undefined }],
    ['cut in the middle', { generation: 4, writeKeys: [{ keyId: 'k' }] }],
    ['with a bucket no hour holds evenly', { generation: 4, bucketSeconds: 7 }],
    [
      'with a public key for all types',
      {
        generation: 4,
        writeKeys: [{ ...createSnapshot().writeKeys[0], kind: 'browser' }],
      },
    ],
    [
      'with a key whose expiry cannot be read',
      {
        generation: 4,
        writeKeys: [{ ...createSnapshot().writeKeys[0], expiresAt: 'soon' }],
      },
    ],
  ])(
    'keeps the good one when it is offered one that is %s',
    async (_name, bad) => {
      const store = createStore();
      await offer(store, createSnapshot({ generation: 3 }));
      const good = store.current;
      const onDisk = await readFile(file, 'utf8');

      await offer(store, { ...createSnapshot(), ...bad }).catch(() => {});

      expect(store.current).toBe(good);
      await expect(readFile(file, 'utf8')).resolves.toBe(onDisk);
    },
  );

  describe('offered what was published with a checksum', () => {
    const [order, refund] = createSnapshot().eventTypes;
    const [anyKey, refundKey] = createSnapshot().writeKeys;
    const whole = sealed({
      ...createSnapshot({ generation: 4 }),
      lineage: 'a',
    });

    it.each<[string, Partial<ConfigSnapshot>]>([
      ['that lost an event type', { eventTypes: [order] }],
      ['that lost a write key', { writeKeys: [refundKey] }],
      [
        'whose key was widened',
        {
          writeKeys: [anyKey, { ...refundKey, eventTypes: undefined }],
        },
      ],
      [
        'whose schema changed',
        {
          eventTypes: [order, { ...refund, schema: order.name }],
        },
      ],
      ['that lost its checksum', { integrity: undefined }],
    ])(
      'refuses one %s, and goes on once a good one is there',
      async (_name, damage) => {
        const store = createStore();
        await offer(
          store,
          sealed({ ...createSnapshot({ generation: 3 }), lineage: 'a' }),
        );
        const good = store.current;

        await expect(offer(store, { ...whole, ...damage })).rejects.toThrow(
          'generation 4 is refused',
        );
        expect(store.current).toBe(good);
        expect(store.refused).toBe(1);

        await offer(store, whole);
        expect(store.current?.generation).toBe(4);
      },
    );
  });

  it('takes a lower generation of another lineage, and only a whole one', async () => {
    const store = createStore();
    await offer(
      store,
      sealed({ ...createSnapshot({ generation: 45 }), lineage: 'a' }),
    );
    const restored = { ...createSnapshot({ generation: 41 }), lineage: 'b' };
    await expect(offer(store, restored)).rejects.toThrow('no checksum');
    expect(store.current?.generation).toBe(45);
    await offer(store, sealed(restored));
    expect(store.current?.generation).toBe(41);
  });

  it('goes on with what it has when the ledger does not know it, and says so once', async () => {
    const store = createStore();
    await offer(store, sealed({ ...createSnapshot(), lineage: 'a' }));
    const good = store.current;
    const newer = sealed({
      ...createSnapshot({ generation: 9 }),
      lineage: 'a',
    });
    await offer(store, newer, 'unknown');
    await offer(store, newer, 'unknown');
    expect(store.current).toBe(good);
    expect(store.isUnknownToLedger).toBe(true);
    expect(logged).toEqual([expect.stringContaining('ledger-restored')]);
    await offer(store, newer, 'outdated');
    expect(store.current?.generation).toBe(9);
    expect(store.isUnknownToLedger).toBe(false);
  });

  it('tells as of when it is the newest', async () => {
    const clock = new ManualClock();
    const store = createStore(clock);
    expect(store.checkedAt).toBeUndefined();
    await offer(store, createSnapshot());
    const adoptedAt = new Date(clock.now());
    expect(store.checkedAt).toEqual(adoptedAt);
    clock.advance(5_000);
    await offer(store, undefined, 'unknown');
    expect(store.checkedAt).toEqual(adoptedAt);
    await offer(store, undefined, 'current');
    expect(store.checkedAt).toEqual(new Date(clock.now()));
  });

  it('keeps compiled validators of schemas that did not change', async () => {
    const store = createStore();
    await offer(store, createSnapshot());
    const before = store.current!;
    const [order, refund] = createSnapshot().eventTypes;
    const changed = {
      type: 'record',
      name: 'Order',
      fields: [{ name: 'other', type: 'string' }],
    };

    await offer(
      store,
      createSnapshot({
        generation: 2,
        eventTypes: [order, { ...refund, version: 2, schema: changed }],
      }),
    );

    const after = store.current!;
    const validatorsOf = (name: string) => [
      before.eventTypes.get(name)?.validate,
      after.eventTypes.get(name)?.validate,
    ];
    expect(new Set(validatorsOf('shop.order')).size).toBe(1);
    expect(new Set(validatorsOf('shop.refund')).size).toBe(2);
    expect(after.eventTypes.get('shop.refund')?.validate({})).toEqual([
      expect.objectContaining({ pointer: '/data/other' }),
    ]);
  });

  it('keeps the previous version of a type whose new schema is not usable, and takes the rest', async () => {
    const store = createStore();
    await offer(store, createSnapshot());
    const [order, refund] = createSnapshot().eventTypes;

    await offer(
      store,
      createSnapshot({
        generation: 2,
        eventTypes: [{ ...order, version: 2, schema: 'nonsense' }, refund],
        writeKeys: [],
      }),
    );

    expect(store.current?.generation).toBe(2);
    expect(store.current?.writeKeys.size).toBe(0);
    expect(store.current?.eventTypes.get('shop.order')?.version).toBe(1);
  });

  it('serves the old one, and requests, while it takes over thousands of types', async () => {
    const store = createStore();
    await offer(store, createSnapshot());
    const before = store.current;
    const [order] = createSnapshot().eventTypes;
    const eventTypes = Array.from({ length: 2_000 }, (_, n) => ({
      ...order,
      name: `type-${n}.sent`,
    }));
    const adopting = offer(
      store,
      sealed(createSnapshot({ generation: 2, eventTypes })),
    );
    let turns = 0;
    while (store.current === before) {
      turns += 1;
      await new Promise(resolve => setImmediate(resolve));
    }
    await adopting;
    expect(store.current?.eventTypes.size).toBe(2_000);

    // 2,000 types in slices of 25, once to check them and once to read them.
    expect(turns).toBeGreaterThanOrEqual(150);
  });
});

describe('inSlices', () => {
  it('pauses every so many steps and gives the result', async () => {
    function* work() {
      for (let n = 0; n < 101; n++) {
        yield;
      }
      return 'done';
    }
    let pauses = 0;
    await expect(
      inSlices(work(), async () => {
        pauses += 1;
      }),
    ).resolves.toBe('done');
    expect(pauses).toBe(4);
  });
});
