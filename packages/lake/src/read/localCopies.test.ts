import { access, readFile } from 'node:fs/promises';
import { temporaryFolder } from '../__testUtils__/temporaryFolder';
import { GcsServer, startGcsServer } from '../__testUtils__/gcsServer';
import { GcsLakeStore, LocalLakeStore } from '../store';
import { createLocalCopies } from './localCopies';

const folder = temporaryFolder();
let gcs: GcsServer;
let store: GcsLakeStore;
beforeAll(async () => {
  gcs = await startGcsServer();
  store = new GcsLakeStore({
    bucket: 'lake',
    apiEndpoint: gcs.url,
    retries: { attempts: 1 },
  });
  for (const key of ['a', 'b', 'c']) {
    await store.putBytesIfAbsent(key, Buffer.from(key.repeat(10)));
  }
});
afterAll(() => gcs.close());

const object = (key: string) => ({ key, bytes: 10 });
const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

describe('createLocalCopies', () => {
  it('fetches an object once, however many read it, at a time or later', async () => {
    const copies = createLocalCopies({ store, folder: folder.path('once') });
    const before = gcs.calls.get;
    const read = () =>
      copies.use([object('a')], async ([file]) => String(await readFile(file)));
    const texts = await Promise.all([read(), read(), read()]);
    expect(new Set([...texts, await read()])).toEqual(new Set(['aaaaaaaaaa']));
    expect(gcs.calls.get - before).toBe(1);
    await copies.close();
  });

  it('removes those used longest ago, and never one in use', async () => {
    const copies = createLocalCopies({
      store,
      folder: folder.path('room'),
      maxBytes: 10,
    });
    const at: { [key: string]: string } = {};
    const use = (key: string) =>
      copies.use([object(key)], async ([file]) => {
        at[key] = file;
      });
    await copies.use([object('a')], async ([file]) => {
      await use('b');
      await use('c');
      expect(await isThere(file)).toBe(true);
      expect(await isThere(at.b)).toBe(false);
      expect(await isThere(at.c)).toBe(true);
    });
    await use('b');
    expect(String(await readFile(at.b))).toBe('bbbbbbbbbb');
    await copies.close();
    expect(await isThere(folder.path('room'))).toBe(false);
  });

  it('forgets a fetch that failed', async () => {
    const copies = createLocalCopies({ store, folder: folder.path('failed') });
    gcs.fail('get', 'unavailable');
    const read = () =>
      copies.use([object('a')], async ([file]) => String(await readFile(file)));
    await expect(read()).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(read()).resolves.toBe('aaaaaaaaaa');
    await copies.close();
  });

  it('leaves the files of a local lake alone', async () => {
    const local = await LocalLakeStore.open({ root: folder.path('lake') });
    await local.putBytesIfAbsent('a', Buffer.from('x'));
    const copies = createLocalCopies({
      store: local,
      folder: folder.path('none'),
      maxBytes: 0,
    });
    await copies.use([object('a')], async ([file]) => {
      expect(file).toBe(await local.localPath('a'));
    });
    await copies.close();
    expect(String(await local.get('a'))).toBe('x');
  });
});
