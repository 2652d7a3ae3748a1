import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { GcsServer, startGcsServer } from '../__testUtils__/gcsServer';
import { temporaryFolder } from '../__testUtils__/temporaryFolder';
import { GcsLakeStore } from './gcs/GcsLakeStore';
import { LocalLakeStore } from './LocalLakeStore';
import { LakeStore } from './types';

/*
 * What every store promises, tried at each of them.
 */

const folder = temporaryFolder();
let gcs: GcsServer;
beforeAll(async () => {
  gcs = await startGcsServer({ buckets: ['lake'] });
});
afterAll(() => gcs.close());

let opened = 0;
const STORES: [name: string, open: () => Promise<LakeStore>][] = [
  [
    'a folder',
    () => LocalLakeStore.open({ root: folder.path(`lake-${++opened}`) }),
  ],
  [
    'Cloud Storage',
    async () =>
      new GcsLakeStore({
        bucket: 'lake',
        prefix: `lakes/${++opened}`,
        apiEndpoint: gcs.url,
      }),
  ],
  [
    'Cloud Storage with resumable uploads',
    async () =>
      new GcsLakeStore({
        bucket: 'lake',
        prefix: `lakes/${++opened}`,
        apiEndpoint: gcs.url,
        resumableFromBytes: 0,
      }),
  ],
];

describe.each(STORES)('a lake in %s', (_, open) => {
  let store: LakeStore;
  beforeEach(async () => {
    store = await open();
  });

  async function localFile(content: Buffer | string): Promise<string> {
    const file = folder.path(`local-${++opened}`);
    await writeFile(file, content);
    return file;
  }

  const ways: [
    string,
    (key: string, content: Buffer | string) => Promise<string>,
  ][] = [
    [
      'a file',
      async (key, content) => store.putIfAbsent(key, await localFile(content)),
    ],
    [
      'bytes',
      async (key, content) => store.putBytesIfAbsent(key, Buffer.from(content)),
    ],
  ];

  describe.each(ways)('putting %s', (__, put) => {
    it('gives back exactly what was put', async () => {
      for (const content of [
        Buffer.alloc(0),
        Buffer.from('--boundary\r\n\r\nä\0'),
        randomBytes(3_000_000),
      ]) {
        const key = `a/b=1/object-${content.length}`;
        expect(await put(key, content)).toBe('created');
        expect(content.equals(await store.get(key))).toBe(true);
        expect(await store.stat(key)).toEqual({ bytes: content.length });
      }
    });

    it('never replaces an object, with the same content or another', async () => {
      expect(await put('a/object', 'first')).toBe('created');
      expect(await put('a/object', 'second')).toBe('exists');
      expect(await put('a/object', 'first')).toBe('exists');
      expect(String(await store.get('a/object'))).toBe('first');
    });

    it('tells exactly one of many rivals that it created the object, even if all put the same', async () => {
      const results = await Promise.all(
        Array.from({ length: 10 }, () => put('a/object', 'the same')),
      );
      expect(results.filter(result => result === 'created')).toHaveLength(1);
    });
  });

  it('says not_found of what is not there', async () => {
    const missing = { code: 'not_found' };
    await expect(store.get('no/such')).rejects.toMatchObject(missing);
    await expect(
      store.localCopy('no/such', folder.path('copies')),
    ).rejects.toMatchObject(missing);
    expect(await store.stat('no/such')).toBeUndefined();
  });

  it('lists a folder in order, and only that folder', async () => {
    for (const key of ['a/2', 'a/1/x', 'ab/3', 'b/4']) {
      await store.putBytesIfAbsent(key, Buffer.from(key));
    }
    expect(await store.list('a')).toEqual(['a/1/x', 'a/2']);
    expect(await store.list('nothing')).toEqual([]);
  });

  it('lists all of a folder, however many there are', async () => {
    gcs.pageSize = 7;
    try {
      const keys = Array.from(
        { length: 24 },
        (__, index) => `many/${String(index).padStart(3, '0')}`,
      );
      for (const key of keys) {
        await store.putBytesIfAbsent(key, Buffer.from(key));
      }
      expect(await store.list('many')).toEqual(keys);
    } finally {
      gcs.pageSize = 1000;
    }
  });

  it('deletes, and lets the name be used again', async () => {
    await store.putBytesIfAbsent('a/1', Buffer.from('x'));
    await store.delete('a/1');
    await store.delete('a/1');
    await expect(store.get('a/1')).rejects.toMatchObject({ code: 'not_found' });
    expect(await store.putBytesIfAbsent('a/1', Buffer.from('y'))).toBe(
      'created',
    );
  });

  it('gives a local file with the bytes of an object, to any number at once', async () => {
    const content = randomBytes(200_000);
    await store.putBytesIfAbsent('a/b=1/object', content);
    const copies = folder.path(`copies-${opened}`);
    const files = await Promise.all(
      Array.from({ length: 5 }, () => store.localCopy('a/b=1/object', copies)),
    );
    expect(new Set(files).size).toBe(1);
    expect(content.equals(await readFile(files[0]))).toBe(true);
  });

  it.each(['', '..', '/a', 'a/../../b', 'a//b', '.incoming/x', 'a b'])(
    'refuses the key %j for every operation',
    async key => {
      const refused = { code: 'invalid_key' };
      const bytes = Buffer.from('x');
      const file = await localFile('x');
      const calls = [
        () => store.putBytesIfAbsent(key, bytes),
        () => store.putIfAbsent(key, file),
        () => store.get(key),
        () => store.stat(key),
        () => store.list(key),
        () => store.delete(key),
        () => store.localCopy(key, folder.path('copies')),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject(refused);
      }
    },
  );
});
