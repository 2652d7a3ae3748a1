import { readFile, writeFile } from 'node:fs/promises';
import { manifestWithoutFiles } from '../__testUtils__/manifests';
import { temporaryFolder } from '../__testUtils__/temporaryFolder';
import { listPartitionsInLake, readManifest } from '../manifest';
import { LakeStore, LocalLakeStore } from '../store';
import { hashBytes } from './hashFile';
import { publishPartition } from './publishPartition';

const folder = temporaryFolder();
const path = 'shop.order_placed/dt=2026-11-21/hh=13/r0001';
let stores = 0;

async function openStore(): Promise<LocalLakeStore> {
  stores += 1;
  return LocalLakeStore.open({ root: folder.path(`lake-${stores}`) });
}

async function part(content: string, rows = 1) {
  const localFile = folder.path(`part-${hashBytes(Buffer.from(content))}`);
  await writeFile(localFile, content);
  return { localFile, rows };
}

/** A store whose n-th writing call fails, after or instead of doing its work. */
function failingAt(
  store: LakeStore,
  n: number,
  moment: 'before' | 'after',
): LakeStore {
  let calls = 0;
  const faulty =
    <A extends unknown[], R>(operation: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      calls += 1;
      if (calls === n && moment === 'before') {
        throw new Error('power cut');
      }
      const result = await operation(...args);
      if (calls === n) {
        throw new Error('power cut');
      }
      return result;
    };
  return {
    putIfAbsent: faulty(store.putIfAbsent.bind(store)),
    putBytesIfAbsent: faulty(store.putBytesIfAbsent.bind(store)),
    delete: faulty(store.delete.bind(store)),
    get: store.get.bind(store),
    stat: store.stat.bind(store),
    list: store.list.bind(store),
    localCopy: store.localCopy.bind(store),
  };
}

describe('publishPartition', () => {
  it('describes its files in a manifest that is the last thing written', async () => {
    const store = await openStore();
    const written: string[] = [];
    const watched: LakeStore = Object.assign(Object.create(store), {
      putIfAbsent: (key: string, file: string) => {
        written.push(key);
        return store.putIfAbsent(key, file);
      },
      putBytesIfAbsent: (key: string, bytes: Uint8Array) => {
        written.push(key);
        return store.putBytesIfAbsent(key, bytes);
      },
      list: store.list.bind(store),
      get: store.get.bind(store),
    });
    const published = await publishPartition(watched, {
      path,
      files: [await part('rows')],
      manifest: manifestWithoutFiles(),
    });
    const sha256 = hashBytes(Buffer.from('rows'));
    const name = `part-00000-${sha256.slice(0, 16)}.parquet`;
    expect(published.adopted).toBe(false);
    expect(published.manifest.files).toEqual([
      { name, rows: 1, bytes: 4, sha256 },
    ]);
    expect(written).toEqual([`${path}/${name}`, `${path}/manifest.json`]);
    expect(await readManifest(store, path)).toEqual(published.manifest);
    expect(published.manifestSha256).toBe(
      hashBytes(await store.get(published.manifestKey)),
    );
    expect(await listPartitionsInLake(store, 'shop.order_placed')).toEqual([
      {
        path,
        endpoint: 'shop.order_placed',
        bucketStart: new Date('2026-11-21T13:00:00Z'),
        revision: 1,
      },
    ]);
  });

  it.each(
    [1, 2, 3].flatMap(n => [
      [n, 'before' as const],
      [n, 'after' as const],
    ]),
  )(
    'cut short at write %d (%s it), is finished by the next attempt, which may have sorted differently',
    async (n, moment) => {
      const store = await openStore();
      const attempt = async (content: string, target: LakeStore) =>
        publishPartition(target, {
          path,
          files: [
            await part(`${content} one`),
            await part(`${content} two`, 0),
          ],
          manifest: manifestWithoutFiles(),
        });
      await expect(
        attempt('first', failingAt(store, Number(n), moment as 'after')),
      ).rejects.toThrow('power cut');
      const wasPublished = (await readManifest(store, path)) !== undefined;
      expect(wasPublished).toBe(n === 3 && moment === 'after');

      const published = await attempt('second', store);
      expect(published.adopted).toBe(wasPublished);
      const winner = wasPublished ? 'first' : 'second';
      const stored = await store.list(path);
      expect(stored).toEqual(
        [
          `${path}/manifest.json`,
          ...published.manifest.files.map(file => `${path}/${file.name}`),
        ].sort(),
      );
      expect(
        String(await store.get(`${path}/${published.manifest.files[0].name}`)),
      ).toBe(`${winner} one`);
    },
  );

  it('refuses other inputs once published, and leaves every byte as it was', async () => {
    const store = await openStore();
    const options = { path, files: [await part('rows')] };
    const { manifest, manifestKey } = await publishPartition(store, {
      ...options,
      manifest: manifestWithoutFiles(),
    });
    const before = await readFile(await store.localPath(manifestKey));
    await expect(
      publishPartition(store, {
        path,
        files: [await part('other rows')],
        manifest: manifestWithoutFiles({
          inputs: { batches: 2, digest: 'b'.repeat(64) },
        }),
      }),
    ).rejects.toMatchObject({ code: 'partition_exists' });
    expect(await readFile(await store.localPath(manifestKey))).toEqual(before);
    expect(String(await store.get(`${path}/${manifest.files[0].name}`))).toBe(
      'rows',
    );
  });

  it('leaves one partition when many publish at once', async () => {
    const store = await openStore();
    const parts = await Promise.all(
      Array.from({ length: 8 }, (_, index) => part(`rival ${index}`)),
    );
    const results = await Promise.all(
      parts.map(file =>
        publishPartition(store, {
          path,
          files: [file],
          manifest: manifestWithoutFiles(),
        }),
      ),
    );
    expect(results.filter(result => !result.adopted)).toHaveLength(1);
    expect(new Set(results.map(result => result.manifestSha256)).size).toBe(1);
    const { manifest } = results[0];
    expect(await store.stat(`${path}/${manifest.files[0].name}`)).toEqual({
      bytes: manifest.files[0].bytes,
    });
  });

  it('publishes a manifest alone for a bucket without events', async () => {
    const store = await openStore();
    const none = {
      accepted: 0,
      delivered: 0,
      duplicates: 0,
      refused: 0,
      conflicts: 0,
      skewed: 0,
    };
    const published = await publishPartition(store, {
      path,
      files: [],
      manifest: manifestWithoutFiles({ counts: none }),
    });
    expect(published.manifest.files).toEqual([]);
    expect(await store.list(path)).toEqual([`${path}/manifest.json`]);
  });

  it('does not publish books that do not balance', async () => {
    const store = await openStore();
    await expect(
      publishPartition(store, {
        path,
        files: [await part('rows', 2)],
        manifest: manifestWithoutFiles(),
      }),
    ).rejects.toMatchObject({ code: 'invalid_manifest' });
    expect(await readManifest(store, path)).toBeUndefined();
  });

  it('does not adopt a partition with a missing file', async () => {
    const store = await openStore();
    const options = {
      path,
      files: [await part('rows')],
      manifest: manifestWithoutFiles(),
    };
    const { manifest } = await publishPartition(store, options);
    await store.delete(`${path}/${manifest.files[0].name}`);
    await expect(publishPartition(store, options)).rejects.toMatchObject({
      code: 'partition_damaged',
    });
  });
});
