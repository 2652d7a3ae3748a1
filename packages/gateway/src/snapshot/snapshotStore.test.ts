import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigSnapshot } from '@millrace/ledger';
import { createSnapshot, silentLogger } from '../__testUtils__/fixtures';
import { SnapshotStore } from './snapshotStore';

describe('SnapshotStore', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-'));
    file = join(folder, 'gateway', 'snapshot.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const createStore = () =>
    new SnapshotStore({ file, logger: silentLogger, onAdopt: () => {} });

  const adopt = (store: SnapshotStore, snapshot: unknown) =>
    store.refresh(async () => snapshot as ConfigSnapshot);

  it('finds in its next life what it last ran, readable by nobody else', async () => {
    await adopt(createStore(), createSnapshot({ generation: 7 }));

    const next = createStore();
    await next.load();

    expect(next.current?.generation).toBe(7);
    expect(next.current?.eventTypes.has('shop.order')).toBe(true);
    expect((await stat(file)).mode % 0o1000).toBe(0o600);
  });

  it('starts without a snapshot when there is none, or a broken one', async () => {
    const store = createStore();
    await store.load();
    expect(store.current).toBeUndefined();

    await adopt(store, createSnapshot());
    const whole = await readFile(file, 'utf8');
    await writeFile(file, whole.slice(0, -10));
    const next = createStore();
    await next.load();
    expect(next.current).toBeUndefined();
  });

  it.each<[string, object]>([
    ['older', { generation: 2 }],
    ['of the same generation', { generation: 3, eventTypes: [] }],
    ['without types', { generation: 4, eventTypes: undefined }],
    ['cut in the middle', { generation: 4, writeKeys: [{ keyId: 'k' }] }],
    ['with a bucket no hour holds evenly', { generation: 4, bucketSeconds: 7 }],
  ])(
    'keeps the good one when it is offered one that is %s',
    async (_name, bad) => {
      const store = createStore();
      await adopt(store, createSnapshot({ generation: 3 }));
      const good = store.current;
      const onDisk = await readFile(file, 'utf8');

      await adopt(store, { ...createSnapshot(), ...bad }).catch(() => {});

      expect(store.current).toBe(good);
      await expect(readFile(file, 'utf8')).resolves.toBe(onDisk);
    },
  );

  it('keeps compiled validators of schemas that did not change', async () => {
    const store = createStore();
    await adopt(store, createSnapshot());
    const before = store.current!;
    const [order, refund] = createSnapshot().eventTypes;
    const changed = {
      type: 'record',
      name: 'Order',
      fields: [{ name: 'other', type: 'string' }],
    };

    await adopt(
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
    await adopt(store, createSnapshot());
    const [order, refund] = createSnapshot().eventTypes;

    await adopt(
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
});
