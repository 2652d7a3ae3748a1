import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import {
  GcsCall,
  GcsFault,
  GcsServer,
  startGcsServer,
} from '../../__testUtils__/gcsServer';
import { temporaryFolder } from '../../__testUtils__/temporaryFolder';
import { GcsLakeStore } from './GcsLakeStore';

/*
 * Cloud Storage when something goes wrong. What it promises at all times is in
 * `storeContract.test.ts`.
 */

const folder = temporaryFolder();
let gcs: GcsServer;
beforeEach(async () => {
  gcs = await startGcsServer();
});
afterEach(() => gcs.close());

const QUICK = { attempts: 4, baseMs: 1, maxMs: 2 };

function open(
  options: Partial<ConstructorParameters<typeof GcsLakeStore>[0]> = {},
) {
  return new GcsLakeStore({
    bucket: 'lake',
    apiEndpoint: gcs.url,
    retries: QUICK,
    ...options,
  });
}

const UPLOADS: [string, GcsCall, (content: Buffer) => Promise<string>][] = [
  [
    'in one call',
    'put',
    content => open().putBytesIfAbsent('a/object', content),
  ],
  [
    'in a session',
    'continue-upload',
    async content => {
      await writeFile(folder.path('part'), content);
      return open({ resumableFromBytes: 0 }).putIfAbsent(
        'a/object',
        folder.path('part'),
      );
    },
  ],
];

describe.each(UPLOADS)('an upload to Cloud Storage %s', (_, call, put) => {
  const content = randomBytes(300_000);
  const stored = () => gcs.objects('lake').get('a/object');

  it.each<GcsFault[][]>([
    [['unavailable']],
    [['cut-before']],
    [['cut-after']],
    [['corrupt']],
    [['unavailable', 'cut-after']],
  ])('is created once through %j', async faults => {
    gcs.fail(call, ...faults);
    expect(await put(content)).toBe('created');
    expect(gcs.pendingFaults()).toBe(0);
    expect(stored()?.equals(content)).toBe(true);
  });

  it('exists, when a rival was there before the try that was cut', async () => {
    await open().putBytesIfAbsent('a/object', content);
    gcs.fail(call, 'cut-after');
    expect(await put(content)).toBe('exists');
  });

  it('does not leave other bytes than it was given, whatever the server checks', async () => {
    gcs.fail(call, 'stores-other-bytes');
    expect(await put(content)).toBe('created');
    expect(stored()?.equals(content)).toBe(true);
  });
});

it('goes on with a large upload after a lost connection, and does not begin anew', async () => {
  const content = randomBytes(20 * 1024 * 1024);
  await writeFile(folder.path('large'), content);
  gcs.fail('continue-upload', 'none', 'cut-before', 'none', 'unavailable');
  const put = open().putIfAbsent('a/large', folder.path('large'));
  await expect(put).resolves.toBe('created');
  expect(gcs.pendingFaults()).toBe(0);
  expect(gcs.calls['begin-upload']).toBe(1);
  expect(gcs.objects('lake').get('a/large')?.equals(content)).toBe(true);
}, 30_000);

describe('GcsLakeStore', () => {
  it.each<GcsFault[][]>([
    [['unavailable', 'unavailable']],
    [['cut-before']],
    [['corrupt']],
  ])('reads the right bytes through %j', async faults => {
    // The client does not tell of a body that ends early: it falls silent.
    const store = open({ timeoutMs: 300 });
    const content = randomBytes(300_000);
    await store.putBytesIfAbsent('a/object', content);
    gcs.fail('get', ...faults);
    expect(content.equals(await store.get('a/object'))).toBe(true);
    gcs.fail('get', ...faults);
    const copies = folder.path(`copies-${faults.join()}`);
    const file = await store.localCopy('a/object', copies);
    expect(content.equals(await readFile(file))).toBe(true);
    expect(gcs.pendingFaults()).toBe(0);
  });

  it('says checksum_mismatch of bytes that stay wrong, and leaves no copy of them', async () => {
    const store = open();
    await store.putBytesIfAbsent('object', randomBytes(1000));
    const copies = folder.path('wrong-copies');
    gcs.fail('get', ...Array<GcsFault>(8).fill('corrupt'));
    const wrong = { code: 'checksum_mismatch' };
    await expect(store.get('object')).rejects.toMatchObject(wrong);
    await expect(store.localCopy('object', copies)).rejects.toMatchObject(
      wrong,
    );
    expect(await readdir(copies)).toEqual([]);
  });

  it('gives up on a server that is silent, and says so', async () => {
    const store = open({
      timeoutMs: 50,
      retries: { ...QUICK, attempts: 2 },
    });
    const away = { code: 'store_unavailable' };
    gcs.fail('stat', 'silent', 'silent');
    await expect(store.stat('a/object')).rejects.toMatchObject(away);
    gcs.fail('get', 'silent', 'silent');
    await expect(store.get('a/object')).rejects.toMatchObject(away);
    gcs.fail('put', 'silent', 'silent');
    await expect(
      store.putBytesIfAbsent('a/object', Buffer.from('x')),
    ).rejects.toMatchObject(away);
  });

  it('repeats what is unavailable a bounded number of times, and what is refused never', async () => {
    const store = open();
    gcs.fail('list', ...Array<GcsFault>(4).fill('unavailable'));
    await expect(store.list('a')).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    expect(gcs.calls.list).toBe(4);
    gcs.fail('put', 'forbidden');
    await expect(
      store.putBytesIfAbsent('a/b', Buffer.from('x')),
    ).rejects.toMatchObject({ code: 'store_refused' });
    expect(gcs.calls.put).toBe(1);
  });

  it('deletes once the answer arrives, also when an earlier try had done it', async () => {
    const store = open();
    await store.putBytesIfAbsent('a/b', Buffer.from('x'));
    gcs.fail('delete', 'cut-after');
    await store.delete('a/b');
    expect(await store.stat('a/b')).toBeUndefined();
  });

  it('does not take a missing bucket for a place to write to', async () => {
    const store = open({ bucket: 'nowhere' });
    await expect(
      store.putBytesIfAbsent('a/b', Buffer.from('x')),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(store.list('a')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('tells nothing of requests and their credentials in its errors', async () => {
    const store = open();
    gcs.fail('put', 'forbidden');
    const error = await store
      .putBytesIfAbsent('a/b', Buffer.from('x'))
      .catch(thrown => thrown);
    expect(error.message).toBe(
      "Cloud Storage refuses 'a/b' with status 403; check the credentials and their rights on the bucket",
    );
    expect(error.cause).toBeUndefined();
    expect(inspect(error, { depth: 9 })).not.toMatch(/header|authorization/i);
  });

  it('keeps its lake below its prefix', async () => {
    const store = open({ prefix: 'team/lake' });
    await store.putBytesIfAbsent('a/b', Buffer.from('x'));
    expect([...gcs.objects('lake').keys()]).toEqual(['team/lake/a/b']);
    expect(await store.list('a')).toEqual(['a/b']);
    expect(await open().list('a')).toEqual([]);
  });
});
