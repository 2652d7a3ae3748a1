import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { open as openLmdb } from 'lmdb';
import { ManualClock } from '../__testUtils__/ManualClock';
import { MessageBroker } from '../delivery';
import { BrokerStore } from './BrokerStore';
import { checkStoreFile } from './checkStoreFile';
import { compactStore } from './compactStore';
import { DiskWatch } from './DiskWatch';

const PAGE_BYTES = 4096;
const logger = { info: () => {}, warn: () => {}, error: () => {} };

/** What becomes of a store whose file is damaged, old, too large or cramped. */
describe('a store in bad times', () => {
  let dataDir: string;
  const file = () => join(dataDir, 'store', 'data.mdb');
  const open = () =>
    BrokerStore.open({
      dataDir,
      clock: new ManualClock(),
      onFatal: error => {
        throw error;
      },
    });
  const put = (store: BrokerStore, sequences: number[], body: Buffer) =>
    store.write(writer =>
      sequences.forEach(sequence => {
        writer.putMessage(
          sequence,
          {
            publishTimeMs: 1,
            attributes: {},
            bytes: body.length,
            crc32: crc32(body),
          },
          body,
        );
        writer.putReference({
          ...{ holderId: 1, sequence, publishTimeMs: 1, failures: 0 },
          bytes: body.length,
          state: 'pending',
        });
      }),
    );
  const sequences = (count: number) =>
    Array.from({ length: count }, (_, index) => index + 1);

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'damage-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it('is found sound as long as nothing happened to it', async () => {
    const store = open();
    await put(store, sequences(500), Buffer.alloc(300, 'x'));
    await put(store, [600, 601], Buffer.alloc(50_000, 'y'));
    await store.write(writer =>
      sequences(250).forEach(sequence => {
        writer.removeMessage(sequence);
        writer.removeReference(1, sequence);
      }),
    );
    await store.close();
    const space = checkStoreFile(file());
    expect(space?.usedBytes).toBeGreaterThan(100_000);
    expect(space?.usedBytes).toBeLessThanOrEqual(space?.fileBytes ?? 0);
  });

  it('is refused by page, or reads what is sound, whichever byte of a page head was hit', async () => {
    const store = open();
    await put(store, sequences(300), Buffer.alloc(300, 'x'));
    await put(store, [400, 401], Buffer.alloc(20_000, 'y'));
    await store.close();
    const sound = readFileSync(file());
    const refusals: unknown[] = [];
    for (let page = 0; page < sound.length / PAGE_BYTES; page++) {
      for (const offset of [0, 18, 20, 22, 24, 28]) {
        const bytes = Buffer.from(sound);
        bytes[page * PAGE_BYTES + offset] ^= 0xff;
        writeFileSync(file(), bytes);
        try {
          checkStoreFile(file());
        } catch (error) {
          refusals.push(error);
        }
      }
    }
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        code: 'data_dir_corrupt',
        message: expect.stringMatching(/page \d+ .*Nothing was changed/),
      });
    }
    // Free pages may hold anything.
    expect(refusals.length).toBeGreaterThan(sound.length / PAGE_BYTES);
  });

  it('is refused when its end is missing', async () => {
    const store = open();
    await put(store, sequences(50), Buffer.alloc(20_000, 'x'));
    await store.close();
    truncateSync(file(), Math.floor(statSync(file()).size / 2));
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'data_dir_corrupt' }),
    );
  });

  it('sets a damaged message aside, counts it, and delivers the others', async () => {
    const clock = new ManualClock();
    let store = open();
    let broker = await MessageBroker.start({ store, clock, logger });
    const [topic, name] = ['projects/p/topics/t', 'projects/p/subscriptions/s'];
    await broker.registry.createTopic({ name: topic, labels: {} });
    await broker.registry.createSubscription({
      ...{ name, topic, labels: {} },
      ackDeadlineSeconds: 10,
      retentionSeconds: 3600,
    });
    const marker = Buffer.alloc(40, 'damaged-body');
    await broker.publish(topic, [
      { body: marker, attributes: {} },
      { body: Buffer.from('sound'), attributes: {} },
    ]);
    broker.stop();
    await store.close();
    const bytes = readFileSync(file());
    for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker)) {
      bytes[at] ^= 0xff;
    }
    writeFileSync(file(), bytes);

    const errors: string[] = [];
    const start = async () => {
      store = open();
      broker = await MessageBroker.start({
        store,
        clock,
        logger: { ...logger, error: message => errors.push(message) },
      });
      return broker.registry.subscription(name);
    };
    let subscription = await start();
    const take = () =>
      broker.take(subscription, {
        maxMessages: 9,
        maxBytes: Infinity,
        ackDeadlineSeconds: 10,
      });
    const [sound] = take();
    expect(sound.body.toString()).toBe('sound');
    expect(errors).toEqual([expect.stringContaining('set aside')]);
    await broker.acknowledge(name, [sound.ackId]);
    expect(subscription.backlog.oldest).toBeUndefined();
    expect(subscription.damaged).toHaveLength(1);

    // It stays aside over a restart, and goes at the end of its retention.
    broker.stop();
    await store.close();
    subscription = await start();
    expect(take()).toEqual([]);
    expect(subscription.damaged).toHaveLength(1);
    clock.leap(2 * 3_600_000);
    while ([...store.load().sequences].length > 0) {
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(subscription.damaged).toEqual([]);
    broker.stop();
    await store.close();
  });

  it('reads what format 1 wrote, and from then on is format 2', async () => {
    await open().close();
    const root = openLmdb<Buffer, string>({
      path: join(dataDir, 'store'),
      encoding: 'binary',
    });
    const table = (name: string) =>
      root.openDB<object | number, number | string>({ name, encoding: 'json' });
    const references = root.openDB<Buffer, [number, number]>({
      name: 'references',
      encoding: 'binary',
    });
    const reference = Buffer.alloc(12);
    reference.writeDoubleLE(1234, 0);
    reference.writeUInt32LE(3, 8);
    await table('counters').put('formatVersion', 1);
    await table('counters').remove('epoch');
    await table('counters').put('nextSubscriptionId', 8);
    await table('topics').put('projects/p/topics/t', {
      ...{ name: 'projects/p/topics/t', labels: {}, createdAtMs: 1 },
    });
    await table('subscriptions').put('projects/p/subscriptions/s', {
      ...{ id: 7, name: 'projects/p/subscriptions/s', createdAtMs: 1 },
      ...{ topic: 'projects/p/topics/t', labels: {} },
      ...{ ackDeadlineSeconds: 10, retentionSeconds: 3600 },
    });
    await table('envelopes').put(5, {
      ...{ publishTimeMs: 1234, attributes: {}, bytes: 3 },
      crc32: crc32('old'),
    });
    await root
      .openDB<Buffer, number>({ name: 'bodies', encoding: 'binary' })
      .put(5, Buffer.from('old'));
    await references.put([7, 5], reference);
    await root.close();

    const store = open();
    const broker = await MessageBroker.start({
      store,
      clock: new ManualClock(),
      logger,
    });
    const name = 'projects/p/subscriptions/s';
    // An ack id as format 1 gave them out.
    const ackId = `${store.storeId}-7-5-1`;
    const [old] = broker.take(broker.registry.subscription(name), {
      maxMessages: 9,
      maxBytes: Infinity,
      ackDeadlineSeconds: 10,
    });
    expect(old).toMatchObject({ messageId: '5', body: Buffer.from('old') });
    await broker.acknowledge(name, [ackId]);
    expect([...store.load().sequences]).toEqual([]);
    broker.stop();
    await store.close();
    await open().close();
  });

  it('gives the disk back what it no longer needs, at the start', async () => {
    const store = open();
    const body = Buffer.alloc(20_000, 'x');
    await put(store, sequences(200), body);
    await store.write(writer =>
      sequences(190).forEach(sequence => {
        writer.removeMessage(sequence);
        writer.removeReference(1, sequence);
      }),
    );
    await store.close();
    const before = statSync(file()).size;
    await compactStore({ dataDir, logger, minFileBytes: 1_000_000 });
    expect(statSync(file()).size).toBeLessThan(before / 4);
    const after = open();
    expect(after.readMessage(200)?.body).toEqual(body);
    expect([...after.load().references]).toHaveLength(10);
    await after.close();
  });

  it('says that space is short before it is, and gives up its reserve when others took it', async () => {
    const clock = new ManualClock();
    let free = 2 ** 30;
    const reserve = join(dataDir, 'reserve');
    const disk = new DiskWatch({
      ...{ directory: dataDir, clock, minFreeBytes: 2 ** 28 },
      readFreeBytes: async () => free,
    });
    const look = async () => {
      disk.stop();
      await disk.start();
    };
    await disk.start();
    expect(disk.isLow).toBe(false);
    expect(statSync(reserve).size).toBe(2 ** 24);
    // What was accepted since the last look counts.
    disk.accepted(2 ** 30 - 2 ** 28 + 1);
    expect(disk.isLow).toBe(true);
    free = 2 ** 20;
    await new DiskWatch({
      ...{ directory: dataDir, clock, minFreeBytes: 2 ** 28 },
      readFreeBytes: async () => free,
    }).start();
    expect(() => statSync(reserve)).toThrow('ENOENT');
    await look();
    disk.stop();
  });
});
