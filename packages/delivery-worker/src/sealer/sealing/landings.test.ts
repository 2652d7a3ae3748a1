import { randomUUID } from 'node:crypto';
import { proveReplays } from '@millrace/ledger';
import { SIMPLE_SCHEMA } from '../__testUtils__/schemas';
import {
  bucketAt,
  event,
  useWorkshop,
  Workshop,
} from '../__testUtils__/workshop';

jest.setTimeout(60_000);

const TYPE = 'shop.order';
const workshop = useWorkshop();

async function open(buckets: number): Promise<Workshop> {
  const shop = workshop();
  await shop.provision({ [TYPE]: { schema: SIMPLE_SCHEMA } });
  await shop.gateway('g', new Date(bucketAt(buckets).start.getTime() - 1));
  return shop;
}

/** A replay whose events, with the given ids, a gateway has accepted. */
async function replay(shop: Workshop, ...ids: string[]): Promise<void> {
  const replayId = randomUUID();
  await shop.db('replays').insert({
    replay_id: replayId,
    event_type: TYPE,
    state: 'sent',
    reason: 'a test',
    selection: '{}',
    fix: '[]',
    requested_by: 'user:default/owner',
    finished_at: new Date(),
  });
  for (const [index, id] of ids.entries()) {
    await shop.db('replay_events').insert({
      replay_id: replayId,
      position: index + 1,
      refusal_id: randomUUID(),
      state: 'accepted',
      event_type: TYPE,
      event_id: id,
      event_key: shop.db.raw(`md5('/shop' || chr(10) || ?)::uuid`, [id]),
      sent_at: bucketAt(0).start,
    });
  }
}

async function seal(
  shop: Workshop,
  n: number,
  ...events: ReturnType<typeof event>[]
) {
  await shop.stage({ bucket: bucketAt(n), events });
  await shop.declare(bucketAt(n), { [TYPE]: 1 });
  expect(await shop.sealer().runOnce()).toMatchObject({ sealed: 1, failed: 0 });
}

/** Bucket number and copies by id, of the events that are proven to have landed. */
async function landed(shop: Workshop) {
  await proveReplays(shop.db, { limit: 10 });
  const rows = await shop
    .db('replay_events')
    .join('partitions', 'partitions.partition_id', 'replay_events.partition_id')
    .select('event_id', 'bucket_start', 'copies')
    .orderBy('event_id');
  return rows.map(row => [
    row.event_id,
    (row.bucket_start.getTime() - bucketAt(0).start.getTime()) / 60_000,
    row.copies,
  ]);
}

describe('a replayed event', () => {
  it('is proven by the partition it lies in, and others are not written down', async () => {
    const shop = await open(1);
    await replay(shop, 'mine', 'elsewhere');
    await seal(shop, 0, event('mine', { n: 1 }), event('other', { n: 1 }));
    expect(await landed(shop)).toEqual([['mine', 0, 1]]);
    expect(await shop.db('replay_landings')).toHaveLength(1);
  });

  it('that was removed as a duplicate is proven by the partition that has it, also when that is known from a merged file', async () => {
    const shop = await open(3);
    await seal(shop, 0, event('mine', { n: 1 }));
    await seal(shop, 1, event('other', { n: 1 }));
    await shop.idUpkeep()();
    await replay(shop, 'mine');
    expect(await landed(shop)).toEqual([]);
    await seal(shop, 2, event('mine', { n: 1 }));
    expect(await landed(shop)).toEqual([['mine', 0, 1]]);
  });

  it('that lies there with several contents is said to, with the first partition', async () => {
    const shop = await open(2);
    await seal(shop, 0, event('mine', { n: 1 }));
    await replay(shop, 'mine');
    await seal(shop, 1, event('mine', { n: 2 }), event('mine', { n: 3 }));
    expect(await landed(shop)).toEqual([['mine', 0, 3]]);
  });

  it('that was refused at sealing is not found, whatever else has its id', async () => {
    const shop = await open(2);
    await seal(shop, 0, event('mine', { n: 1 }));
    await replay(shop, 'mine');
    await seal(shop, 1, event('mine', { n: 'x' }));
    expect(await landed(shop)).toEqual([]);
    expect(await shop.db('replay_events').pluck('state')).toEqual(['refused']);
  });

  it('is not proven by a sealing that has not been committed', async () => {
    const shop = await open(1);
    await replay(shop, 'mine');
    await shop.stage({ events: [event('mine', { n: 1 })] });
    await shop.declare(bucketAt(0), { [TYPE]: 1 });
    const dying = shop.sealer({
      onStep: step => {
        if (step === 'published') throw new Error('died');
      },
    });
    await dying.runOnce();
    await dying.close();
    expect(await landed(shop)).toEqual([]);
    await shop.sealer().runOnce();
    expect(await landed(shop)).toEqual([['mine', 0, 1]]);
  });
});
