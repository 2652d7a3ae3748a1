import { FaultyDisk } from '../__testUtils__/faultyDisk';
import {
  LifeRegister,
  QueueLife,
  tick,
  until,
} from '../__testUtils__/queueLife';

type LifeOptions = ConstructorParameters<typeof QueueLife>[2];

const byNumber = (a: string, b: string) =>
  Number(a.slice(1)) - Number(b.slice(1));

describe('a file queue', () => {
  let disk: FaultyDisk;
  let lives: LifeRegister;

  beforeEach(() => {
    disk = new FaultyDisk();
    lives = new LifeRegister();
  });

  async function begin(options: LifeOptions = {}) {
    const { probe, end } = lives.begin();
    let isEnded = false;
    const mounted = disk.mount(() => {
      isEnded = true;
    });
    const life = new QueueLife(mounted, probe, options);
    life.queue.open().catch(() => {});
    return {
      life,
      isEnded: () => isEnded,
      kill() {
        end();
        disk.kill();
      },
    };
  }

  async function append(life: QueueLife, from: number, to: number, bytes = 20) {
    for (let n = from; n <= to; n++) {
      life.append(`e${n}`, bytes);
      if (n % 3 === 0) {
        await until(() => life.isAnswered);
      }
    }
    await until(() => life.isAnswered);
  }

  const segments = () => disk.paths().filter(path => path.includes('segment'));
  const ids = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, n) => `e${from + n}`);
  const takeAll = async (life: QueueLife) =>
    (await life.take(Infinity, () => false)).map(({ id }) => id);

  it('finds every confirmed event whichever operation is the last before a kill', async () => {
    let isComplete = false;
    for (let endAt = 1; !isComplete; endAt++) {
      disk = new FaultyDisk();
      lives = new LifeRegister();
      disk.plan.endAt = endAt;
      const first = await begin({ maxSegmentBytes: 1_500 });
      const settled = new Set<string>();
      for (let n = 1; n <= 12 && !first.isEnded(); n++) {
        first.life.append(`e${n}`);
        await until(() => first.isEnded() || first.life.isAnswered);
        if (n % 4 === 0) {
          const some = await first.life.take(3, first.isEnded);
          some.forEach(({ id }) => settled.add(id));
          first.life.queue.settle(some);
        }
      }
      isComplete = !first.isEnded();
      const confirmed = [...first.life.taken];
      first.kill();

      const second = await begin();
      await second.life.queue.open();
      const found = await takeAll(second.life);
      const owed = confirmed.filter(id => !settled.has(id));
      expect(found).toEqual(expect.arrayContaining(owed));
      expect(found).toEqual([...new Set(found)].sort(byNumber));
      second.kill();
    }
  });

  it('does not send again what was settled before a kill', async () => {
    const first = await begin();
    await append(first.life, 1, 9);
    const events = await first.life.take(9, () => false);
    first.life.queue.settle([events[0], events[1], events[4], events[8]]);
    await until(() => first.life.queue.size().events === 5);
    for (let i = 0; i < 20; i++) {
      await tick();
    }
    first.kill();

    const second = await begin();
    await second.life.queue.open();
    expect(await takeAll(second.life)).toEqual(['e3', 'e4', 'e6', 'e7', 'e8']);
  });

  it('keeps the producer, and the epoch and numbers of each event, over lives', async () => {
    const first = await begin();
    await append(first.life, 1, 2);
    const { producer, epoch } = first.life.queue;
    first.kill();

    const second = await begin();
    await append(second.life, 3, 3);
    const found = await second.life.take(Infinity, () => false);

    expect(second.life.queue.producer).toBe(producer);
    expect(second.life.queue.epoch).not.toBe(epoch);
    expect(found.map(each => [each.epoch, each.sequence])).toEqual([
      [epoch, 1],
      [epoch, 2],
      [second.life.queue.epoch, 1],
    ]);
    expect(JSON.parse(found[0].json)).toMatchObject({
      producer,
      epoch,
      sequence: 1,
    });
  });

  it('gives up the oldest events beyond its bound, counts each and reports them', async () => {
    const { life } = await begin({ reportType: 'report' });
    await append(life, 1, 300, 400);

    const dropped = life.drops.reduce((sum, { events }) => sum + events, 0);
    expect(dropped).toBeGreaterThan(100);
    expect(life.reports).toBe(life.drops.length);
    expect(disk.usedBytes()).toBeLessThan(70_000);
    const found = await takeAll(life);
    const kept = found.filter(id => id.startsWith('e'));
    // The newest, all of them, in order.
    expect(kept).toEqual(ids(300 - kept.length + 1, 300));
    const reportsLost = life.reports - (found.length - kept.length);
    expect(kept.length + dropped - reportsLost).toBe(300);
    expect(life.queue.size().events).toBe(found.length);
    for (const drop of life.drops) {
      expect(drop.lastSequence - drop.firstSequence + 1).toBe(drop.events);
    }
  });

  it('does not send an event again that it gave up while it was under way, but takes its verdict', async () => {
    const { life } = await begin();
    await append(life, 1, 3, 400);
    const [first, second] = await life.take(2, () => false);
    first.isUnderWay = true;
    second.isUnderWay = true;
    await append(life, 4, 300, 400);

    expect(first.isEvicted).toBe(true);
    const before = life.queue.size().events;
    life.queue.settle([first]);
    const dropsBefore = life.drops.length;
    life.queue.abandon([second]);

    expect(life.queue.size().events).toBe(before - 2);
    expect(life.drops.slice(dropsBefore)).toMatchObject([
      { events: 1, firstSequence: 2, lastSequence: 2 },
    ]);
  });

  it('refuses the newest instead when told so, and keeps the others', async () => {
    const { life } = await begin({ whenFull: 'refuse' });
    await append(life, 1, 300, 400);

    expect(new Set(life.failed.values())).toEqual(new Set(['buffer_full']));
    expect(life.drops).toEqual([]);
    expect(await takeAll(life)).toEqual(life.taken);
    expect(disk.usedBytes()).toBeLessThan(66_000);
  });

  it('refuses events while the disk is full, and takes them again when it is not', async () => {
    const { life } = await begin();
    await append(life, 1, 3);
    disk.plan.capacity = disk.usedBytes() + 10;
    await append(life, 4, 6);

    expect([...life.failed.keys()]).toEqual(ids(4, 6));
    expect(new Set(life.failed.values())).toEqual(
      new Set(['queue_unavailable']),
    );

    disk.plan.capacity = Infinity;
    life.clock.step();
    await append(life, 7, 7);
    expect(life.taken).toEqual([...ids(1, 3), 'e7']);
    const found = await life.take(4, () => false);
    expect(found.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
  });

  it('frees a full disk of what is settled', async () => {
    const { life } = await begin({ maxSegmentBytes: 2_000 });
    await append(life, 1, 30, 300);
    disk.plan.capacity = disk.usedBytes();
    const before = segments().length;
    life.queue.settle(await life.take(30, () => false));
    await until(() => segments().length < before / 2);

    await append(life, 31, 31);
    expect(life.taken).toContain('e31');
  });

  it('never uses a file again whose sync failed, and confirms by another', async () => {
    const { life, kill } = await begin();
    await append(life, 1, 1);
    const [before] = segments();
    const confirmedBytes = disk.sizeOf(before);
    disk.plan.failingSyncs = 1;
    await append(life, 2, 4);

    expect(life.taken).toEqual(ids(1, 4));
    // Cut back to what was confirmed, and nothing more is written to it: the
    // next sync of this file would report success.
    expect(disk.sizeOf(before)).toBe(confirmedBytes);
    expect(segments()).toHaveLength(2);
    kill();
    disk.cutPower(() => 0.99);
    const next = await begin();
    await next.life.queue.open();
    expect(await takeAll(next.life)).toEqual(ids(1, 4));
  });

  it('refuses the callers when the sync of the other file fails as well', async () => {
    const { life } = await begin();
    await append(life, 1, 1);
    disk.plan.failingSyncs = 2;
    await append(life, 2, 2);

    expect(life.failed.get('e2')).toBe('queue_unavailable');
    expect(life.problems).toEqual(['queue_unavailable']);
    life.clock.step();
    await append(life, 3, 3);
    const found = await life.take(2, () => false);
    expect(found.map(({ id, sequence }) => [id, sequence])).toEqual([
      ['e1', 1],
      ['e3', 2],
    ]);
  });

  it('sets damaged records aside, says which events are lost, and reads all others', async () => {
    const first = await begin();
    await append(first.life, 1, 12);
    first.kill();
    const [path] = segments();
    disk.corrupt(path, bytes => {
      const at = bytes.indexOf('"e5"');
      bytes[at + 1] ^= 4;
      bytes[bytes.indexOf('"e9"') + 1] ^= 1;
      return bytes;
    });

    const second = await begin({ reportType: 'report' });
    await second.life.queue.open();
    await until(() => second.life.reports === 1);

    expect(second.life.recovered).toBe(12);
    expect(second.life.drops).toEqual([
      {
        reason: 'damaged',
        events: 2,
        bytes: 0,
        epoch: first.life.queue.epoch,
        firstSequence: 5,
        lastSequence: 9,
      },
    ]);
    expect(await takeAll(second.life)).toEqual([
      ...ids(1, 12).filter(id => id !== 'e5' && id !== 'e9'),
      'report-1',
    ]);
    expect(disk.paths().filter(each => each.includes('damaged'))).toHaveLength(
      2,
    );

    // Once reported they are not reported again.
    second.kill();
    const third = await begin({ reportType: 'report' });
    await third.life.queue.open();
    expect(third.life.drops).toEqual([]);
  });

  it('notices an earlier segment that was cut short', async () => {
    const first = await begin({ maxSegmentBytes: 2_000 });
    await append(first.life, 1, 20);
    first.kill();
    const [path] = segments();
    disk.corrupt(path, bytes => bytes.subarray(0, bytes.length - 200));

    const { life } = await begin();
    await life.queue.open();
    const found = await takeAll(life);

    const lost = ids(1, 20).filter(id => !found.includes(id));
    expect(lost.length).toBeGreaterThan(0);
    expect(life.drops).toMatchObject([
      { reason: 'damaged', events: lost.length },
    ]);
  });

  it('counts damage at the very end as an event', async () => {
    const first = await begin();
    await append(first.life, 1, 3);
    first.kill();
    disk.corrupt(segments()[0], bytes => {
      bytes[bytes.length - 5] ^= 1;
      return bytes;
    });

    const { life } = await begin();
    await life.queue.open();

    expect(await takeAll(life)).toEqual(['e1', 'e2']);
    expect(life.drops).toMatchObject([
      { events: 1, firstSequence: 3, lastSequence: 3 },
    ]);
  });

  it('notices damage that comes while it runs', async () => {
    const { life } = await begin({ maxSegmentBytes: 2_000 });
    // More than fits memory at once stays on disk.
    await append(life, 1, 60, 300);
    const last = segments().at(-2)!;
    disk.corrupt(last, bytes => bytes.fill(0, 700, 720));
    const found = await takeAll(life);

    const lost = life.drops.reduce((sum, { events }) => sum + events, 0);
    expect(lost).toBeGreaterThan(0);
    expect(found).toHaveLength(60 - lost);
    expect(life.queue.size().events).toBe(60 - lost);
  });

  it('begins another epoch when the numbers of one run out', async () => {
    const { life } = await begin({ maxSequence: 12 });
    await append(life, 1, 40);
    const found = await life.take(Infinity, () => false);

    expect(found.map(({ id }) => id)).toEqual(ids(1, 40));
    expect(Math.max(...found.map(({ sequence }) => sequence))).toBeLessThan(13);
    const keys = found.map(({ epoch, sequence }) => `${epoch}/${sequence}`);
    expect(new Set(keys).size).toBe(40);
  });

  it('says that the numbers of its files are used up, and begins none twice', async () => {
    const first = await begin();
    await append(first.life, 1, 1);
    first.kill();
    const [path] = segments();
    const mounted = disk.mount(() => {});
    await mounted.rename(path, `/queue/segment-${2 ** 48 - 1}.log`);

    const { life } = await begin();
    await append(life, 2, 2);
    expect(life.failed.get('e2')).toBe('queue_unavailable');
  });

  it('lets one process in at a time, and the next one when that has ended', async () => {
    const { probe: one, end } = lives.begin();
    const { probe: two } = lives.begin();
    const mounted = disk.mount(() => {});
    const holder = new QueueLife(mounted, one);
    await holder.queue.open();
    const other = new QueueLife(mounted, two);

    await expect(other.queue.open()).rejects.toMatchObject({
      code: 'queue_locked',
    });
    other.append('refused');
    await until(() => other.isAnswered);
    expect(other.failed.get('refused')).toBe('queue_locked');

    end();
    await expect(other.queue.open()).resolves.toBeUndefined();
  });

  it('confirms nothing any more when another process has taken over', async () => {
    const { probe: one } = lives.begin();
    const mounted = disk.mount(() => {});
    const sleeper = new QueueLife(mounted, one);
    await append(sleeper, 1, 2);

    // The other cannot see the first at all, as from another container.
    const blind = {
      self: async () => ({}),
      judge: async () => 'unknown' as const,
    };
    const follower = new QueueLife(mounted, blind);
    const opening = follower.queue.open();
    await follower.clock.runUntil(opening);
    expect(follower.recovered).toBe(2);

    sleeper.append('late');
    await until(() => sleeper.isAnswered);
    expect(sleeper.failed.get('late')).toBe('queue_locked');
    expect(sleeper.taken).toEqual(['e1', 'e2']);
  });

  it('waits for a heartbeat of a holder that it cannot judge', async () => {
    const { probe } = lives.begin();
    const mounted = disk.mount(() => {});
    const holder = new QueueLife(mounted, probe);
    await holder.queue.open();
    const blind = {
      self: async () => ({}),
      judge: async () => 'unknown' as const,
    };
    const other = new QueueLife(mounted, blind, {
      backgroundClock: holder.clock,
    });

    await expect(
      holder.clock.runUntil(other.queue.open()),
    ).rejects.toMatchObject({ code: 'queue_locked' });
    await append(holder, 1, 1);
    expect(holder.taken).toEqual(['e1']);
  });
});
