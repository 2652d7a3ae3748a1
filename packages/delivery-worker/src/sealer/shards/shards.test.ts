import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readManifest, readRows } from '@millrace/lake';
import { eventually } from '../../__testUtils__/estate';
import { SIMPLE_SCHEMA } from '../__testUtils__/schemas';
import {
  bucketAt,
  event,
  useWorkshop,
  Workshop,
} from '../__testUtils__/workshop';
import { createShardSweep, shardsFolder } from '.';

jest.setTimeout(120_000);

const TYPE = 'shop.order';
const TWIN = 'shop.twin';
const EVENTS = 400;
/** Makes eight shards of the bucket. */
const SHARD_BYTES = 6_000;

describe('workers that seal a large bucket together', () => {
  const workshop = useWorkshop();
  let shop: Workshop;

  beforeEach(async () => {
    shop = workshop();
    await shop.provision({
      [TYPE]: { schema: SIMPLE_SCHEMA },
      [TWIN]: { schema: SIMPLE_SCHEMA },
    });
    await shop.gateway('g', bucketAt(30).start);
    await shop.gateway('h', bucketAt(30).start);
    await shop.declare(bucketAt(0), { [TYPE]: 1, [TWIN]: 1 });
    await shop.declare(bucketAt(0), { [TYPE]: 1, [TWIN]: 1 }, 'h');
  });

  /** Half of the second gateway's events are copies, and some do not fit. */
  async function stage(eventType: string): Promise<void> {
    const of = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) =>
        event(`id-${from + n}`, { n: (from + n) % 50 ? from + n : 'none' }),
      );
    await shop.stage({ eventType, events: of(0, EVENTS) });
    await shop.stage({
      eventType,
      gateway: 'h',
      events: of(EVENTS / 2, EVENTS * 1.5),
    });
  }

  const folders = () =>
    readdir(shardsFolder(path.join(shop.folder, 'staging'))).catch(() => []);
  const shards = async () => await shop.db('seal_shards').orderBy('shard');

  /** What readers and the books find. */
  async function outcome(eventType = TYPE) {
    const folder = shop.pathOf(0, eventType);
    const manifest = await readManifest(shop.store, folder);
    const { rows } = await readRows(shop.store, { path: folder, limit: 1_000 });
    return {
      counts: manifest?.counts,
      keySums: manifest?.keySums,
      parts: manifest?.files.length,
      ids: manifest?.ids?.rows,
      rows: rows.map(row => JSON.stringify(row)).sort(),
      fates: await shop
        .db('partition_fates')
        .where({ event_type: eventType })
        .orderBy(['gateway', 'epoch'])
        .select('gateway', 'accepted', 'delivered', 'duplicates', 'refused'),
      refused: await shop
        .db('refused_events')
        .where({ event_type: eventType })
        .orderBy('event_id')
        .pluck('event_id'),
    };
  }

  /** What one worker makes of the same events all alone. */
  async function expectedOutcome() {
    await stage(TWIN);
    await shop.sealer({ sharedFolder: undefined }).runOnce();
    const expected = await outcome(TWIN);
    expect(expected).toMatchObject({
      counts: {
        accepted: 2 * EVENTS,
        delivered: EVENTS * 1.5 - 12,
        duplicates: EVENTS / 2,
        refused: 12,
      },
      parts: 1,
    });
    await stage(TYPE);
    return expected;
  }

  it('make what one makes alone, and each does a part of it', async () => {
    const expected = await expectedOutcome();
    let helped = 0;
    const helper = shop.sealer({ workerId: 'helper' });
    const first = shop.sealer({
      workerId: 'first',
      shardBytes: SHARD_BYTES,
      onStep: async step => {
        // Its first shard takes until the other has done one.
        if (step === 'loaded' && helped === 0) {
          helped = await eventually(
            () => helper.helpOnce(),
            done => done > 0,
          );
        }
      },
    });
    expect(await first.runOnce()).toMatchObject({ sealed: 1, failed: 0 });

    expect(helped).toBeGreaterThan(0);
    const { parts = 0, ...found } = await outcome();
    expect(parts).toBeGreaterThan(4);
    expect(helped).toBeLessThan(parts);
    expect({ ...found, parts: 1 }).toEqual(expected);
    expect(await shards()).toEqual([]);
    expect(await folders()).toEqual([]);
  });

  it('lose nothing when a helper fails in the midst of a shard', async () => {
    const expected = await expectedOutcome();
    const helper = shop.sealer({
      workerId: 'helper',
      onHelpStep: step => {
        if (step === 'written') {
          throw new Error('the power is gone');
        }
      },
    });
    let hasHelped = false;
    const first = shop.sealer({
      workerId: 'first',
      shardBytes: SHARD_BYTES,
      onStep: async step => {
        if (step === 'loaded' && !hasHelped) {
          hasHelped = true;
          await helper.helpOnce();
        }
      },
    });
    expect(await first.runOnce()).toMatchObject({ sealed: 1, failed: 0 });
    expect(shop.logs.join()).toContain('the power is gone');
    expect({ ...(await outcome()), parts: 1 }).toEqual(expected);
  });

  it('take over from a helper that stands still, whose late answer does not count', async () => {
    const expected = await expectedOutcome();
    let wake = () => {};
    const asleep = new Promise<void>(resolve => {
      wake = resolve;
    });
    let isAsleep = false;
    const helper = shop.sealer({
      workerId: 'helper',
      onHelpStep: async step => {
        if (step === 'written' && !isAsleep) {
          isAsleep = true;
          await asleep;
        }
      },
    });
    let helping: Promise<number> | undefined;
    const first = shop.sealer({
      workerId: 'first',
      shardBytes: SHARD_BYTES,
      onStep: async step => {
        if (step === 'loaded' && !helping) {
          helping = helper.helpOnce();
          await eventually(
            async () => isAsleep,
            is => is,
          );
          await shop
            .db('seal_shards')
            .where({ worker: 'helper' })
            .update({ taken_until: shop.db.raw(`now() - interval '1 s'`) });
        }
      },
    });
    expect(await first.runOnce()).toMatchObject({ sealed: 1, failed: 0 });
    wake();
    expect(await helping).toBe(0);
    expect({ ...(await outcome()), parts: 1 }).toEqual(expected);
  });

  it('leave nothing behind that counts when the one that divided the bucket dies', async () => {
    const expected = await expectedOutcome();
    let written = 0;
    const first = shop.sealer({
      workerId: 'first',
      shardBytes: SHARD_BYTES,
      onStep: step => {
        written += step === 'written' ? 1 : 0;
        if (written === 3) {
          throw new Error('the power is gone');
        }
      },
    });
    expect(await first.runOnce()).toMatchObject({ sealed: 0, failed: 1 });
    expect((await shards()).length).toBeGreaterThan(4);

    const second = shop.sealer({
      workerId: 'second',
      shardBytes: SHARD_BYTES,
    });
    await shop
      .db('leases')
      .update({ expires_at: shop.db.raw(`now() - interval '1 s'`) });
    expect(await second.runOnce()).toMatchObject({ sealed: 1, failed: 0 });
    expect({ ...(await outcome()), parts: 1 }).toEqual(expected);
    expect(await shards()).toEqual([]);
  });

  it('clear away what belongs to no attempt, when they have found it so twice', async () => {
    await stage(TYPE);
    const folder = shardsFolder(path.join(shop.folder, 'staging'));
    let swept: number[] = [];
    const first = shop.sealer({
      workerId: 'first',
      shardBytes: SHARD_BYTES,
      onStep: async step => {
        if (step === 'counted') {
          const sweep = createShardSweep({ ledger: shop.db, folder });
          swept = [await sweep(), await sweep()];
          await shop.db('seal_shards').delete();
          swept.push(await sweep(), await sweep());
          throw new Error('the power is gone');
        }
      },
    });
    await first.runOnce();
    expect(swept).toEqual([0, 0, 0, 1]);
  });
});
