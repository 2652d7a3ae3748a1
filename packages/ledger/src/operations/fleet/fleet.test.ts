import {
  beginSealing,
  claimConsumption,
  countOpenFindings,
  finishDraining,
  joinConsumers,
  listAllWaitingBuckets,
  listConsumers,
  listLatePartitions,
  listOpenPoison,
  listSealingPartitions,
  listTypeStandings,
  publishConfigSnapshot,
  readNewestGeneration,
  recordPoisonBatch,
  recordStagedBatches,
  recordWaitingBuckets,
} from '..';
import {
  bucketAt,
  claimSealLease,
  explain,
  minutes,
  provision,
  sealBucket,
  stagedBatch,
  useLedger,
} from '../../__testUtils__/ledger';
import { TYPE_STANDINGS_SQL } from './listTypeStandings';

jest.setTimeout(60_000);

const SESSION = '00000000-0000-4000-8000-0000000000aa';
const DEAD = '00000000-0000-4000-8000-0000000000bb';
const OBJECTIVES = { critical: 1_000, normal: 60_000, low: 600_000 };

describe('how the fleet stands', () => {
  const ledger = useLedger();

  async function consume(session: string, worker: string, leaseMs: number) {
    await joinConsumers(ledger(), {
      session,
      worker,
      leaseMs: 60_000,
      replace: false,
    });
    const claimed = await claimConsumption(ledger(), {
      session,
      room: { critical: 1, normal: 1, low: 1 },
    });
    await ledger().raw(
      `UPDATE consumers SET lease_expires_at = now() +
         ? * interval '1 millisecond' WHERE session = ?`,
      [leaseMs, session],
    );
    return claimed;
  }

  it('tells who consumes a type, until when, and whether that worker is still there', async () => {
    await provision(ledger(), { 'a.alive': 'critical', 'b.dead': 'normal' });
    await consume(SESSION, 'worker-1', 60_000);
    await ledger()('consumption_leases')
      .where({ event_type: 'b.dead' })
      .update({ holder: null });
    await consume(DEAD, 'worker-2', -5_000);
    await publishConfigSnapshot(ledger(), {
      bucketSeconds: 60,
      writeKeys: [],
      eventTypes: [],
    });
    await provision(
      ledger(),
      { 'a.alive': 'critical', 'b.dead': 'normal', 'c.new': 'low' },
      { now: minutes(0) },
    );
    await expect(listTypeStandings(ledger())).resolves.toMatchObject([
      {
        eventType: 'a.alive',
        tier: 'critical',
        consumer: { worker: 'worker-1', isAlive: true },
      },
      {
        eventType: 'b.dead',
        consumer: {
          worker: 'worker-2',
          isAlive: false,
          since: expect.any(Date),
          until: expect.any(Date),
        },
      },
      { eventType: 'c.new', consumer: undefined },
    ]);
    await expect(listConsumers(ledger())).resolves.toMatchObject([
      { worker: 'worker-1', isAlive: true, eventTypes: 1, draining: 0 },
      { worker: 'worker-2', isAlive: false, eventTypes: 1, draining: 0 },
    ]);
  });

  it('lists a removed type while it is drained, and no longer', async () => {
    await provision(ledger(), { 'a.gone': 'normal', 'b.stays': 'normal' });
    const [claim] = await consume(SESSION, 'worker-1', 60_000);
    expect(claim.eventType).toBe('a.gone');
    await provision(ledger(), { 'b.stays': 'normal' }, { now: minutes(0) });
    const names = async () =>
      (await listTypeStandings(ledger())).map(({ eventType }) => eventType);
    await expect(listTypeStandings(ledger())).resolves.toMatchObject([
      { eventType: 'a.gone', removedAt: expect.any(Date) },
      { eventType: 'b.stays', removedAt: undefined },
    ]);
    await expect(listConsumers(ledger())).resolves.toMatchObject([
      { eventTypes: 1, draining: 1 },
    ]);
    await finishDraining(ledger(), claim);
    await expect(names()).resolves.toEqual(['b.stays']);
  });

  it('separates what is due from what is only staged, by type', async () => {
    await provision(ledger(), { 'page.viewed': 'normal', 'b.quiet': 'low' });
    const soon = {
      start: new Date(Math.ceil(Date.now() / 60_000) * 60_000),
      seconds: 60,
    };
    await recordStagedBatches(ledger(), {
      batches: [
        stagedBatch({ bucket: bucketAt(1), events: 7 }),
        stagedBatch({ bucket: bucketAt(2), events: 5 }),
        stagedBatch({ bucket: soon, events: 3 }),
      ],
      now: minutes(2),
    });
    await expect(
      listTypeStandings(ledger(), { eventTypes: ['page.viewed'] }),
    ).resolves.toMatchObject([
      {
        eventType: 'page.viewed',
        staged: { events: 15, due: 12, oldestEnd: minutes(2) },
        waitingBuckets: 0,
        broker: undefined,
      },
    ]);
    await sealBucket(ledger(), { bucket: bucketAt(1) });
    const [, viewed] = await listTypeStandings(ledger());
    expect(viewed.staged).toEqual({
      events: 8,
      due: 5,
      oldestEnd: minutes(3),
    });
  });

  it('counts declared batches that are not staged, and gives the newest word of the broker', async () => {
    await provision(ledger(), { 'page.viewed': 'normal' });
    const backlog = (measuredAt: string) => ({
      measuredAt,
      oldestUnackedAgeSeconds: 12,
      undelivered: 3,
    });
    const wait = (n: number, inputs: unknown) => ({
      eventType: 'page.viewed',
      bucket: bucketAt(n),
      decision: {
        reasons: [{ code: 'batches_missing', message: 'm' }],
        inputs,
      },
    });
    await recordWaitingBuckets(ledger(), {
      worker: 'worker-1',
      buckets: [
        wait(0, {
          gateways: [
            { declared: true, missingBatches: [2, 4] },
            { declared: false, missingBatches: [1] },
          ],
          backlog: backlog('2026-01-10T12:05:00.000Z'),
        }),
        wait(1, { backlog: backlog('2026-01-10T12:06:00.000Z') }),
        // What a later release may put there.
        wait(2, { gateways: 'none', backlog: {} }),
      ],
    });
    await expect(listTypeStandings(ledger())).resolves.toMatchObject([
      {
        waitingBuckets: 3,
        missingBatches: 2,
        broker: {
          measuredAt: new Date('2026-01-10T12:06:00.000Z'),
          oldestUnackedAgeSeconds: 12,
          undelivered: 3,
        },
      },
    ]);
  });

  it('lists waiting buckets of all types, oldest first, and counts the rest', async () => {
    await provision(ledger(), { 'a.one': 'normal', 'b.two': 'critical' });
    await recordWaitingBuckets(ledger(), {
      worker: 'worker-1',
      buckets: [
        { eventType: 'a.one', bucket: bucketAt(3), decision: {} },
        { eventType: 'b.two', bucket: bucketAt(1), decision: {} },
        { eventType: 'a.one', bucket: bucketAt(2), decision: {} },
      ],
    });
    await expect(
      listAllWaitingBuckets(ledger(), { limit: 2 }),
    ).resolves.toMatchObject({
      total: 3,
      items: [
        { eventType: 'b.two', bucket: bucketAt(1), reasons: [] },
        { eventType: 'a.one', bucket: bucketAt(2), isForced: false },
      ],
    });
    await expect(
      listAllWaitingBuckets(ledger(), { eventTypes: ['b.two'], limit: 9 }),
    ).resolves.toMatchObject({ total: 1 });
    await expect(
      listAllWaitingBuckets(ledger(), { eventTypes: [], limit: 9 }),
    ).resolves.toEqual({ total: 0, items: [] });
  });

  it('tells what is being sealed, by whom, and whether it may be in the lake', async () => {
    await provision(ledger(), { 'page.viewed': 'normal' });
    const fencingToken = await claimSealLease(ledger(), 'page.viewed');
    await beginSealing(ledger(), {
      eventType: 'page.viewed',
      bucket: bucketAt(0),
      fencingToken,
      decision: {},
    });
    await expect(
      listSealingPartitions(ledger(), { limit: 9 }),
    ).resolves.toMatchObject({
      total: 1,
      items: [
        {
          eventType: 'page.viewed',
          bucket: bucketAt(0),
          worker: 'sealer-1',
          publishingSince: undefined,
        },
      ],
    });
    await ledger()('leases').update({ expires_at: minutes(0) });
    const { items } = await listSealingPartitions(ledger(), { limit: 9 });
    expect(items[0].worker).toBeUndefined();
  });

  it('tells what was sealed later than its tier allows', async () => {
    await provision(ledger(), { 'page.viewed': 'normal', 'b.low': 'low' });
    for (const eventType of ['page.viewed', 'b.low']) {
      await sealBucket(ledger(), {
        eventType,
        bucket: bucketAt(0),
        sealedAt: minutes(3),
      });
    }
    await sealBucket(ledger(), { bucket: bucketAt(1), sealedAt: minutes(2.5) });
    const list = (since: Date) =>
      listLatePartitions(ledger(), {
        since,
        objectivesMs: OBJECTIVES,
        limit: 9,
      });
    await expect(list(minutes(0))).resolves.toEqual({
      total: 1,
      items: [
        {
          eventType: 'page.viewed',
          tier: 'normal',
          bucket: bucketAt(0),
          sealedAt: minutes(3),
          latenessMs: 120_000,
        },
      ],
    });
    await expect(list(minutes(4))).resolves.toEqual({ total: 0, items: [] });
  });

  it('lists poison of all types, and of none only to who may see all', async () => {
    const poison = (subscriptionType: string | undefined, messageId: string) =>
      recordPoisonBatch(ledger(), {
        subscription: `event.${subscriptionType}.delivery`,
        subscriptionType,
        messageId,
        reason: 'unreadable_body',
        message: 'It is not zstd',
        attributes: {},
        data: Buffer.from('Jane Doe'),
        publishedAt: minutes(0),
      });
    await poison('a.one', '1');
    await poison('a.one', '2');
    await poison(undefined, '3');
    await ledger()('poison_batches')
      .where({ message_id: '2' })
      .update({ resolved_at: minutes(1) });
    const all = await listOpenPoison(ledger(), { limit: 9 });
    expect(all.items.map(({ messageId }) => messageId)).toEqual(['1', '3']);
    expect(all.byType).toMatchObject([
      { eventType: 'a.one', count: 1 },
      { eventType: undefined, count: 1 },
    ]);
    expect(JSON.stringify(all)).not.toContain('Jane');
    await expect(
      listOpenPoison(ledger(), { eventTypes: ['a.one', 'b.two'], limit: 9 }),
    ).resolves.toMatchObject({ items: [{ messageId: '1' }] });
  });

  it('says of an empty ledger that there is nothing', async () => {
    await expect(listTypeStandings(ledger())).resolves.toEqual([]);
    await expect(listConsumers(ledger())).resolves.toEqual([]);
    await expect(countOpenFindings(ledger())).resolves.toEqual({
      critical: 0,
      warnings: 0,
      oldestAt: undefined,
    });
    await expect(readNewestGeneration(ledger())).resolves.toEqual({
      generation: undefined,
      createdAt: undefined,
      readAt: expect.any(Date),
    });
    await provision(ledger(), { 'a.one': 'normal' });
    await expect(readNewestGeneration(ledger())).resolves.toMatchObject({
      generation: 1,
      createdAt: expect.any(Date),
    });
  });

  it('reads no partition but the newest of each type, by its index', async () => {
    await provision(ledger(), { 'page.viewed': 'normal' });
    await ledger().raw(`
      INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
        bucket_end, revision, state, decision)
      SELECT 'type.' || t, b, 60, b + interval '1 minute', 1, 'sealing', '{}'
      FROM generate_series(1, 50) t, generate_series(now() - interval '2 hours',
        now() - interval '1 minute', interval '1 minute') b`);
    await ledger().raw(`
      INSERT INTO event_types (event_type, tier, provisioned_at, closed_through)
      SELECT 'type.' || t, 'normal', now(), now()
      FROM generate_series(1, 50) t`);
    await ledger().raw('ANALYZE partitions, event_types, waiting_buckets');
    const plan = await explain(ledger(), TYPE_STANDINGS_SQL, {
      eventTypes: null,
    });
    expect(plan).toContain('partitions_event_type_bucket_start_revision_key');
    expect(plan).not.toMatch(/"Seq Scan"[^{}]*"Relation Name":"partitions"/);
  });
});
