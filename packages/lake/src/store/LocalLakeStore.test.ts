import fc from 'fast-check';
import {
  mkdir,
  readdir,
  readFile,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { temporaryFolder } from '../__testUtils__/temporaryFolder';
import { LocalLakeStore } from './LocalLakeStore';

const folder = temporaryFolder();

const openStore = (name: string) =>
  LocalLakeStore.open({ root: folder.path(name) });

const ways: [
  string,
  (store: LocalLakeStore, text: string) => Promise<string>,
][] = [
  [
    'a file',
    async (store, text) => {
      await writeFile(folder.path('local'), text);
      return store.putIfAbsent('a/b=1/object', folder.path('local'));
    },
  ],
  [
    'bytes',
    async (store, text) =>
      store.putBytesIfAbsent('a/b=1/object', Buffer.from(text)),
  ],
];

describe.each(ways)('LocalLakeStore putting %s', (way, put) => {
  const name = `put-${way.replace(' ', '-')}`;

  it('never replaces an object', async () => {
    const store = await openStore(name);
    expect(await put(store, 'first')).toBe('created');
    expect(await put(store, 'second')).toBe('exists');
    expect(String(await store.get('a/b=1/object'))).toBe('first');
  });

  it('tells exactly one of many rivals that it created the object', async () => {
    const store = await openStore(`${name}-rivals`);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => put(store, `rival ${index}`)),
    );
    expect(results.filter(result => result === 'created')).toHaveLength(1);
    expect(await readdir(folder.path(`${name}-rivals`, '.incoming'))).toEqual(
      [],
    );
  });
});

describe('LocalLakeStore', () => {
  it('keeps its object when the local file is written to afterwards', async () => {
    const store = await openStore('copies');
    await writeFile(folder.path('mutable'), 'sealed');
    await store.putIfAbsent('object', folder.path('mutable'));
    await writeFile(folder.path('mutable'), 'changed');
    expect(String(await store.get('object'))).toBe('sealed');
  });

  it('leaves nothing behind when the local file cannot be read', async () => {
    const store = await openStore('missing');
    await expect(
      store.putIfAbsent('object', folder.path('no-such-file')),
    ).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await store.stat('object')).toBeUndefined();
    expect(await readdir(folder.path('missing', '.incoming'))).toEqual([]);
  });

  it('lists a folder in order, and only that folder', async () => {
    const store = await openStore('lists');
    for (const key of ['a/2', 'a/1/x', 'ab/3', 'b/4']) {
      await store.putBytesIfAbsent(key, Buffer.from(key));
    }
    expect(await store.list('a')).toEqual(['a/1/x', 'a/2']);
    expect(await store.list('nothing')).toEqual([]);
  });

  it('deletes, and says not_found afterwards', async () => {
    const store = await openStore('deletes');
    await store.putBytesIfAbsent('a/1', Buffer.from('x'));
    await store.delete('a/1');
    await store.delete('a/1');
    await expect(store.get('a/1')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('clears away old unfinished puts, not those in progress', async () => {
    const store = await openStore('abandoned');
    for (const name of ['old', 'new']) {
      await writeFile(folder.path('abandoned', '.incoming', name), name);
    }
    const old = new Date('2026-01-01');
    await utimes(folder.path('abandoned', '.incoming', 'old'), old, old);
    const removed = await store.removeAbandonedPuts({
      olderThan: new Date('2026-01-02'),
    });
    expect(removed).toBe(1);
    expect(await readdir(folder.path('abandoned', '.incoming'))).toEqual([
      'new',
    ]);
  });
});

describe('keys of LocalLakeStore', () => {
  it.each([
    '',
    '.',
    '..',
    '/etc/passwd',
    'a/../../b',
    'a/./b',
    'a//b',
    'a/',
    '/a',
    '.incoming/x',
    'a/.hidden',
    'a\\..\\b',
    'a/b\0c',
    'a/b c',
    'a/%2e%2e/b',
    'ä/b',
    '-rf',
    'a/*',
    'x'.repeat(201),
    'x/'.repeat(500),
  ])('refuses %j for every operation', async key => {
    const store = await openStore('keys');
    const refused = { code: 'invalid_key' };
    const bytes = Buffer.from('x');
    await expect(store.putBytesIfAbsent(key, bytes)).rejects.toMatchObject(
      refused,
    );
    await expect(store.get(key)).rejects.toMatchObject(refused);
    await expect(store.stat(key)).rejects.toMatchObject(refused);
    await expect(store.list(key)).rejects.toMatchObject(refused);
    await expect(store.delete(key)).rejects.toMatchObject(refused);
    await expect(store.localPath(key)).rejects.toMatchObject(refused);
  });

  it('lead to a path inside the root or are refused, whatever they are', async () => {
    const store = await openStore('any-key');
    const root = folder.path('any-key');
    const segment = fc.oneof(
      fc.constantFrom('..', '.', '', 'a', 'dt=2026-01-01', '\0', '~'),
      fc.string({ maxLength: 6, unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { maxLength: 5 }).map(parts => parts.join('/')),
        async key => {
          const outcome = await store
            .putBytesIfAbsent(key, Buffer.from('x'))
            .then(
              async () =>
                (await store.localPath(key)).startsWith(`${root}/`)
                  ? 'inside'
                  : 'outside',
              // ENOTDIR and the like: another key's object is in the way.
              error => error.code,
            );
          expect([
            'inside',
            'invalid_key',
            'EISDIR',
            'ENOTDIR',
            'EEXIST',
          ]).toContain(outcome);
        },
      ),
      { numRuns: 300 },
    );
    expect((await readdir(folder.path())).sort()).toContain('any-key');
  });

  it('do not follow a symbolic link out of the root', async () => {
    const store = await openStore('links');
    await mkdir(folder.path('outside'));
    await writeFile(folder.path('outside', 'secret'), 'secret');
    await symlink(folder.path('outside'), folder.path('links', 'out'));
    await symlink(
      folder.path('outside', 'secret'),
      folder.path('links', 'file'),
    );
    const refused = { code: 'key_outside_root' };
    await expect(store.get('out/secret')).rejects.toMatchObject(refused);
    await expect(store.get('file')).rejects.toMatchObject(refused);
    await expect(store.delete('out/secret')).rejects.toMatchObject(refused);
    await expect(store.list('out')).rejects.toMatchObject(refused);
    await expect(
      store.putBytesIfAbsent('out/deep/new', Buffer.from('x')),
    ).rejects.toMatchObject(refused);
    expect(await readdir(folder.path('outside'))).toEqual(['secret']);
    expect(await readFile(folder.path('outside', 'secret'), 'utf8')).toBe(
      'secret',
    );
  });
});
