import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ManualClock } from '../__testUtils__/ManualClock';
import { killBrokers, spawnBroker } from '../__testUtils__/spawnBroker';
import { BrokerStore } from './BrokerStore';

describe('BrokerStore', () => {
  let directory: string;
  const onFatal = jest.fn();
  const open = (dataDir = join(directory, 'broker')) =>
    BrokerStore.open({ dataDir, clock: new ManualClock(), onFatal });
  const envelopeOf = (body: Buffer) => ({
    publishTimeMs: 1,
    attributes: {},
    bytes: body.length,
    crc32: crc32(body),
  });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'store-'));
    onFatal.mockReset();
  });
  afterEach(() => {
    killBrokers();
    rmSync(directory, { recursive: true, force: true });
  });

  it('keeps what was written, and its name, over a restart', async () => {
    const first = open();
    const body = Buffer.from('body');
    await first.write(writer => writer.putMessage(7, envelopeOf(body), body));
    await first.close();
    const second = open();
    expect(second.storeId).toBe(first.storeId);
    expect(second.readMessage(7)?.body).toEqual(body);
    await second.close();
  });

  it('does not return a body that does not match its checksum', async () => {
    const store = open();
    const body = Buffer.from('body');
    await store.write(writer =>
      writer.putMessage(7, { ...envelopeOf(body), crc32: 1 }, body),
    );
    expect(store.readMessage(7)).toBeUndefined();
    await store.close();
  });

  it('lets many writers share a commit, in order', async () => {
    const store = open();
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        store
          .write(writer => writer.putNextSequence(index))
          .then(() => order.push(index)),
      ),
    );
    expect(order).toEqual(Array.from({ length: 500 }, (_, index) => index));
    expect(store.load().nextSequence).toBe(499);
    await store.close();
  });

  it('refuses everything after a commit that failed', async () => {
    const store = open();
    const failing = store.write(() => {
      throw new Error('no space left on device');
    });
    const beside = store.write(writer => writer.putNextSequence(2));
    await expect(failing).rejects.toMatchObject({ code: 'commit_failed' });
    await expect(beside).rejects.toMatchObject({ code: 'commit_failed' });
    await expect(store.write(() => {})).rejects.toMatchObject({
      code: 'commit_failed',
    });
    expect(onFatal).toHaveBeenCalledTimes(1);
    await store.close();
  });

  it('names a directory that cannot be used, is damaged or of another format', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, 'x');
    expect(() => open(file)).toThrow(
      expect.objectContaining({ code: 'data_dir_unusable' }),
    );

    const damaged = join(directory, 'damaged');
    mkdirSync(join(damaged, 'store'), { recursive: true });
    writeFileSync(join(damaged, 'store', 'data.mdb'), Buffer.alloc(65_536, 7));
    expect(() => open(damaged)).toThrow(
      expect.objectContaining({ code: 'data_dir_corrupt' }),
    );

    const store = open();
    await store.close();
    const path = join(directory, 'broker', 'store', 'data.mdb');
    const bytes = readFileSync(path);
    bytes.fill(0, 4096 + 24, 4096 + 28);
    writeFileSync(path, bytes);
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'data_dir_corrupt' }),
    );
  });

  it('belongs to one broker at a time, in this process and in others', async () => {
    const store = open();
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'data_dir_locked' }),
    );
    const other = await spawnBroker({ dataDir: join(directory, 'broker') });
    expect(other.first).toMatchObject({ failed: 'data_dir_locked' });
    await store.close();

    const next = await spawnBroker({ dataDir: join(directory, 'broker') });
    expect(next.first.port).toBeGreaterThan(0);
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'data_dir_locked' }),
    );
    await next.kill();
    await open().close();
  }, 60_000);
});
