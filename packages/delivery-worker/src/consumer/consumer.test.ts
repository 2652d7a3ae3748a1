import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v1 } from '@google-cloud/pubsub';
import { credentials } from '@grpc/grpc-js';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  listPoisonBatches,
  recordPoisonBatch,
  requestPoisonRetry,
} from '@millrace/ledger';
import {
  Bucket,
  REFUSED_SUBSCRIPTION,
  REFUSED_TOPIC,
  refusedSubscriptionOf,
  refusedTopicOf,
  subscriptionOf,
  topicOf,
} from '@millrace/schema';
import { Knex } from 'knex';
import {
  createEstate,
  Estate,
  eventually,
  PROJECT_ID,
  silent,
} from '../__testUtils__/estate';
import { batchOf, refusedBatchOf, refusedEvent } from './__testUtils__/batches';
import { BacklogReading } from '../sealer/closing';
import { Consumer, ConsumerOptions, startConsumer } from './consumer';

jest.setTimeout(120_000);

const bucket: Bucket = { start: new Date('2026-01-10T12:00:00Z'), seconds: 60 };
const clock = () => new Date('2026-01-10T12:00:30Z');

describe('the consumer', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let estate: Estate;
  let running: Consumer[];

  beforeEach(async () => {
    estate = await createEstate(databases);
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map(consumer => consumer.stop()));
    await estate.close();
  });

  function start(overrides: Partial<ConsumerOptions> = {}): Consumer {
    const consumer = startConsumer({
      pubsub: estate.pubsub,
      ledger: estate.ledger,
      workerId: 'worker-1',
      stagingDir: estate.stagingDir,
      clock,
      logger: silent,
      backoff: { baseMs: 20, maxMs: 200 },
      leaseMs: 2_000,
      backlog: async () => undefined,
      ...overrides,
    });
    running.push(consumer);
    return consumer;
  }

  const publish = (eventType: string, ...batches: number[]) =>
    Promise.all(
      batches.map(batch =>
        estate.publish(
          topicOf(eventType),
          batchOf({ eventType, bucket, batch }),
        ),
      ),
    );

  const staged = (): Promise<string[]> =>
    estate
      .db('staged_batches')
      .orderBy(['event_type', 'batch'])
      .then(rows => rows.map(row => `${row.event_type}#${row.batch}`));

  /** What is staged as soon as there are so many batches. */
  const stagedAfter = (batches: number) =>
    eventually(staged, seen => seen.length >= batches);

  /** Types that were listened to until nothing was left. */
  const drained = (): Promise<string[]> =>
    estate
      .db('consumption_leases')
      .whereNotNull('drained_at')
      .pluck('event_type');

  /** What the broker would deliver now. */
  const undelivered = async (subscription: string): Promise<number> => {
    const [servicePath, port] = estate.brokerAddress.split(':');
    const client = new v1.SubscriberClient({
      projectId: PROJECT_ID,
      servicePath,
      port: Number(port),
      sslCreds: credentials.createInsecure(),
    });
    try {
      const [{ receivedMessages }] = await client.pull({
        subscription: `projects/${PROJECT_ID}/subscriptions/${subscription}`,
        maxMessages: 100,
        returnImmediately: true,
      });
      return receivedMessages?.length ?? 0;
    } finally {
      await client.close();
    }
  };

  it('stages each type into its own folder and acknowledges', async () => {
    await estate.provision(['page.viewed', 'page.left']);
    start();
    await publish('page.viewed', 1, 2, 3);
    await publish('page.left', 1);
    await expect(stagedAfter(4)).resolves.toEqual([
      'page.left#1',
      'page.viewed#1',
      'page.viewed#2',
      'page.viewed#3',
    ]);
    const paths: string[] = await estate
      .db('staged_batches')
      .where({ event_type: 'page.left' })
      .pluck('staged_file');
    expect(paths[0].startsWith(join(estate.stagingDir, 'page.left'))).toBe(
      true,
    );
    await running.pop()!.stop();
    await expect(undelivered(subscriptionOf('page.viewed'))).resolves.toBe(0);
    await expect(undelivered(subscriptionOf('page.left'))).resolves.toBe(0);
  });

  it('follows the config: types come and go without a restart', async () => {
    await estate.provision(['page.viewed']);
    const consumer = start();
    await eventually(
      async () => consumer.generation(),
      generation => generation === 1,
    );
    await estate.provision(['page.left']);
    await publish('page.left', 1);
    await expect(stagedAfter(1)).resolves.toEqual(['page.left#1']);
    expect(consumer.generation()).toBe(2);

    await consumer.stop();
    running.pop();
  });

  it('drains a type that leaves the config before it stops listening to it', async () => {
    await estate.provision(['page.viewed', 'page.left']);
    // Nobody consumes while these wait.
    await publish('page.viewed', 1, 2, 3);
    await estate.configure(['page.left']);
    let reading: BacklogReading | undefined;
    const asked: string[] = [];
    const consumer = start({
      leaseMs: 500,
      drainMarginMs: 0,
      backlog: async eventType => {
        asked.push(eventType);
        return reading;
      },
    });
    await expect(stagedAfter(3)).resolves.toHaveLength(3);
    // Silence is not emptiness, nor is a measure from before.
    const inADay = Date.now() + 24 * 60 * 60_000;
    await eventually(
      async () => asked.length,
      times => times > 2,
    );
    reading = {
      measuredAt: new Date(clock().getTime() - 1),
      oldestUnackedAgeSeconds: 0,
      undelivered: 0,
    };
    const before = asked.length;
    await eventually(
      async () => asked.length,
      times => times > before + 2,
    );
    await publish('page.viewed', 4);
    await stagedAfter(4);
    reading = { ...reading, measuredAt: new Date(inADay) };
    await eventually(drained, types => types.includes('page.viewed'));
    expect(new Set(asked)).toEqual(new Set(['page.viewed']));

    await publish('page.viewed', 5);
    await publish('page.left', 1);
    await expect(stagedAfter(5)).resolves.toContain('page.left#1');
    await expect(undelivered(subscriptionOf('page.viewed'))).resolves.toBe(1);
    await consumer.stop();
    running.pop();

    // It comes back, and with it what was published meanwhile.
    await estate.configure(['page.viewed', 'page.left']);
    start();
    await expect(stagedAfter(6)).resolves.toContain('page.viewed#5');
  });

  it('stops listening to a type whose subscriptions are gone with it', async () => {
    await estate.provision(['page.viewed']);
    await estate.configure([]);
    await estate.pubsub.subscription(subscriptionOf('page.viewed')).delete();
    await estate.pubsub
      .subscription(refusedSubscriptionOf('page.viewed'))
      .delete();
    start({ leaseMs: 500 });
    await expect(
      eventually(drained, types => types.length > 0),
    ).resolves.toEqual(['page.viewed']);
  });

  it('listens to a removed type until its refused events are taken as well', async () => {
    await estate.provision(['page.viewed']);
    await estate.configure([]);
    const empty: BacklogReading = {
      measuredAt: new Date(Date.now() + 24 * 60 * 60_000),
      oldestUnackedAgeSeconds: 0,
      undelivered: 0,
    };
    let refused = { ...empty, undelivered: 1 };
    const asked: string[] = [];
    start({
      leaseMs: 500,
      drainMarginMs: 0,
      backlog: async (_, kind = 'events') => {
        asked.push(kind);
        return kind === 'refused' ? refused : empty;
      },
    });
    await eventually(
      async () => asked.filter(kind => kind === 'refused').length,
      times => times > 2,
    );
    await expect(drained()).resolves.toEqual([]);
    refused = empty;
    await expect(
      eventually(drained, types => types.length > 0),
    ).resolves.toEqual(['page.viewed']);
  });

  it('records a batch once when its publisher, or a crash, makes it come again', async () => {
    await estate.provision(['page.viewed']);
    // This one dies after the commit, before it could acknowledge.
    let commits = 0;
    const dying = start({
      ledger: new Proxy(estate.ledger, {
        get(target, key) {
          if (key !== 'transaction') {
            return Reflect.get(target, key);
          }
          return async (run: (tx: Knex.Transaction) => Promise<unknown>) => {
            await target.transaction(run);
            commits += 1;
            throw new Error('Killed');
          };
        },
      }),
      backoff: { baseMs: 60_000, maxMs: 60_000, random: () => 1 },
    });
    await publish('page.viewed', 1, 2);
    await eventually(
      async () => commits,
      n => n > 0,
    );
    await dying.stop();

    start();
    await publish('page.viewed', 1, 2, 3);
    await expect(stagedAfter(3)).resolves.toEqual([
      'page.viewed#1',
      'page.viewed#2',
      'page.viewed#3',
    ]);
    await running[1].stop();
    await expect(undelivered(subscriptionOf('page.viewed'))).resolves.toBe(0);
    const known = await estate.db('staged_batches').pluck('staged_file');
    const files = await readdir(join(estate.stagingDir, 'page.viewed'));
    expect(
      new Set(files.map(file => join(estate.stagingDir, 'page.viewed', file))),
    ).toEqual(new Set(known));
  });

  it('loses nothing while the ledger is away, and goes on by itself', async () => {
    await estate.provision(['page.viewed']);
    start();
    await publish('page.viewed', 1);
    await expect(stagedAfter(1)).resolves.toEqual(['page.viewed#1']);

    estate.cutLedger();
    await publish('page.viewed', 2, 3);
    const folder = join(estate.stagingDir, 'page.viewed');
    // It has tried: the batches lie in files that the ledger does not know.
    await eventually(
      () => readdir(folder),
      files => files.length > 1,
    );
    await expect(staged()).resolves.toEqual(['page.viewed#1']);

    estate.mendLedger();
    await publish('page.viewed', 4);
    await expect(stagedAfter(4)).resolves.toEqual(
      [1, 2, 3, 4].map(n => `page.viewed#${n}`),
    );
    const known = new Set(
      await estate.db('staged_batches').pluck('staged_file'),
    );
    await expect(readdir(folder)).resolves.toHaveLength(known.size);
  });

  it('lets a type whose disk fails hold up no other, and goes on when it is mended', async () => {
    await estate.provision(['page.viewed', 'page.left']);
    const blocked = join(estate.stagingDir, 'page.viewed');
    await mkdir(estate.stagingDir, { recursive: true });
    await writeFile(blocked, 'a file where a folder must be');
    const warnings: string[] = [];
    start({
      logger: {
        ...silent,
        warn: (_, meta) => warnings.push(String(meta?.error)),
      },
    });
    await publish('page.viewed', 1);
    await eventually(
      async () => warnings,
      seen => seen.some(error => error.includes('EEXIST')),
    );
    await publish('page.left', 1, 2);
    await expect(stagedAfter(2)).resolves.toEqual([
      'page.left#1',
      'page.left#2',
    ]);

    await rm(blocked);
    await expect(stagedAfter(3)).resolves.toEqual([
      'page.left#1',
      'page.left#2',
      'page.viewed#1',
    ]);
  });

  it('does ever less in vain for a type that fails, while others get on', async () => {
    await estate.provision(['page.viewed', 'page.left']);
    await mkdir(estate.stagingDir, { recursive: true });
    await writeFile(
      join(estate.stagingDir, 'page.viewed'),
      'a file where a folder must be',
    );
    let inVain = 0;
    start({
      backoff: { baseMs: 20, maxMs: 60_000 },
      logger: {
        ...silent,
        warn: (message, meta) => {
          if (
            message === 'Cannot stage messages' &&
            meta?.subscription === subscriptionOf('page.viewed')
          ) {
            inVain += 1;
          }
        },
      },
    });
    const batches = 60;
    for (let batch = 1; batch <= batches; batch++) {
      await publish('page.viewed', batch);
      await publish('page.left', batch);
    }
    const useful = await stagedAfter(batches);
    expect(useful.every(batch => batch.startsWith('page.left'))).toBe(true);
    expect(inVain).toBeGreaterThan(0);
    // Pauses double, from at least 10 ms: thirteen tries take over a minute.
    expect(inVain).toBeLessThan(13);
    expect(useful.length / inVain).toBeGreaterThan(4);
    // And nothing was given back to be delivered over and over.
    await expect(undelivered(subscriptionOf('page.viewed'))).resolves.toBe(0);
  });

  it('lets a flood of one type take no more than its turns from another', async () => {
    await estate.provision(['page.viewed', 'page.left']);
    const flood = 60;
    for (let batch = 1; batch <= flood; batch++) {
      const message = batchOf({
        eventType: 'page.viewed',
        bucket,
        batch,
        events: 1,
        // Does not compress: a flush takes some sixteen of them.
        text: randomBytes(384 * 1024).toString('base64'),
      });
      await estate.publish(topicOf('page.viewed'), message);
    }
    const others = 10;
    for (let batch = 1; batch <= others; batch++) {
      await publish('page.left', batch);
    }
    start();
    await stagedAfter(flood + others);
    const [{ before }] = await estate.db('staged_batches').select({
      before: estate.db.raw(
        `count(*) FILTER (WHERE event_type = 'page.viewed' AND recorded_at < (
           SELECT max(recorded_at) FROM staged_batches
           WHERE event_type = 'page.left'))`,
      ),
    });
    // The other type was through before half of the flood was.
    expect(Number(before) / flood).toBeLessThan(0.5);
  });

  it('tries a message again that was set aside, without asking the broker for it', async () => {
    await estate.provision(['page.viewed']);
    const good = batchOf({ eventType: 'page.viewed', bucket, batch: 1 });
    // Set aside by an earlier version that could not read it yet.
    for (const [messageId, data] of [
      ['old-1', good.data],
      ['old-2', Buffer.from('still not zstd')],
    ] as const) {
      await recordPoisonBatch(estate.db, {
        subscription: subscriptionOf('page.viewed'),
        subscriptionType: 'page.viewed',
        messageId,
        reason: 'unreadable_body',
        message: 'not zstd',
        attributes: good.attributes,
        data,
        publishedAt: bucket.start,
      });
    }
    const poison = async () =>
      (
        await listPoisonBatches(estate.db, {
          eventType: 'page.viewed',
          limit: 10,
        })
      ).items.sort((a, b) => a.messageId.localeCompare(b.messageId));
    for (const { poisonId } of await poison()) {
      await requestPoisonRetry(estate.db, {
        eventType: 'page.viewed',
        poisonId,
        requestedBy: 'user:default/owner',
      });
    }
    start();
    await expect(stagedAfter(1)).resolves.toEqual(['page.viewed#1']);
    const [first, second] = await eventually(poison, items =>
      items.every(item => item.resolvedAt !== undefined || item.attempts === 2),
    );
    expect(first).toMatchObject({ resolvedAt: expect.any(Date) });
    expect(second).toMatchObject({
      reason: 'unreadable_body',
      attempts: 2,
      resolvedAt: undefined,
      retryRequestedAt: undefined,
    });
  });

  it('outlives a broker that goes away and a subscription that is not there yet', async () => {
    await estate.configure(['page.viewed']);
    const warnings: string[] = [];
    start({
      logger: {
        ...silent,
        warn: (_, meta) => warnings.push(String(meta?.error)),
      },
    });
    await eventually(
      async () => warnings,
      seen => seen.some(error => /not.?found/i.test(error)),
    );
    await estate.provision(['page.viewed']);
    await publish('page.viewed', 1);
    await expect(stagedAfter(1)).resolves.toEqual(['page.viewed#1']);

    await estate.restartBroker();
    await publish('page.viewed', 2);
    await expect(stagedAfter(2)).resolves.toEqual([
      'page.viewed#1',
      'page.viewed#2',
    ]);
  });

  it('keeps refused events, and poison apart, once each', async () => {
    await estate.provision([]);
    start();
    const batch = refusedBatchOf(1, [refusedEvent(1), refusedEvent(2)]);
    await estate.publish(REFUSED_TOPIC, batch);
    await estate.publish(REFUSED_TOPIC, batch);
    await estate.publish(REFUSED_TOPIC, { ...batch, data: Buffer.from('?') });
    // What the ledger could not store must not hold up what comes after it.
    await estate.publish(
      REFUSED_TOPIC,
      refusedBatchOf(2 ** 31, [refusedEvent(3)]),
    );
    await estate.publish(
      REFUSED_TOPIC,
      refusedBatchOf(3, [{ ...refusedEvent(3), receivedAt: '2026' }]),
    );
    await estate.publish(REFUSED_TOPIC, refusedBatchOf(2, [refusedEvent(1)]));

    const counts = () =>
      estate.db('refused_events').orderBy('refusal_id').pluck('seen_count');
    await eventually(counts, seen => seen[0] === 2);
    await expect(counts()).resolves.toEqual([2, 1]);
    await expect(
      estate
        .db('poison_batches')
        .where({ subscription: REFUSED_SUBSCRIPTION })
        .orderBy('reason')
        .pluck('reason'),
    ).resolves.toEqual([
      'invalid_batch_header',
      'invalid_refused_event',
      'unreadable_body',
    ]);
    await running.pop()!.stop();
    await expect(undelivered(REFUSED_SUBSCRIPTION)).resolves.toBe(0);
  });

  describe('refused events of a type', () => {
    const refusedBatch = (eventType: string, batch: number, events = 1) =>
      refusedBatchOf(
        batch,
        Array.from({ length: events }, (_, n) => ({
          ...refusedEvent(
            (eventType === 'page.left' ? 1_000_000 : 0) + batch * 1_000 + n,
          ),
          eventType,
        })),
      );
    const recorded = (eventType: string) => async () => {
      const row = await estate
        .db('refused_events')
        .where({ event_type: eventType })
        .count({ n: '*' })
        .first();
      return Number(row?.n);
    };

    it('come by a subscription of their own, one batch number on each', async () => {
      await estate.provision(['page.viewed', 'page.left']);
      start();
      let first = 1;
      for (const eventType of ['page.viewed', 'page.left']) {
        const batch = refusedBatchOf(1, [
          { ...refusedEvent(first), eventType },
        ]);
        await estate.publish(refusedTopicOf(eventType), batch);
        await estate.publish(refusedTopicOf(eventType), batch);
        first += 1;
      }
      await eventually(recorded('page.viewed'), rows => rows === 1);
      await eventually(recorded('page.left'), rows => rows === 1);
      await running.pop()!.stop();
      for (const eventType of ['page.viewed', 'page.left']) {
        await expect(
          undelivered(refusedSubscriptionOf(eventType)),
        ).resolves.toBe(0);
      }
    });

    it('are set aside on the subscription of another type', async () => {
      await estate.provision(['page.viewed', 'page.left']);
      start();
      await estate.publish(
        refusedTopicOf('page.left'),
        refusedBatch('page.viewed', 1),
      );
      await eventually(
        () => estate.db('poison_batches').pluck('reason'),
        reasons => reasons.length === 1,
      );
      await expect(recorded('page.viewed')()).resolves.toBe(0);
    });

    it('stay out of the way of other types, accepted or refused, when they come in masses', async () => {
      await estate.provision(['page.viewed', 'page.left']);
      const flood = 60;
      for (let batch = 1; batch <= flood; batch++) {
        await estate.publish(
          refusedTopicOf('page.viewed'),
          refusedBatch('page.viewed', batch, 500),
        );
      }
      start();
      await eventually(recorded('page.viewed'), rows => rows > 0);
      await estate.publish(
        refusedTopicOf('page.left'),
        refusedBatch('page.left', 1),
      );
      await publish('page.left', 1);
      await eventually(recorded('page.left'), rows => rows === 1);
      await stagedAfter(1);
      await eventually(recorded('page.viewed'), rows => rows === flood * 500);

      // The others did not wait for the end of the flood.
      const [{ floodEnd, others }] = await estate.db('refused_events').select({
        floodEnd: estate.db.raw(
          `max(recorded_at) FILTER (WHERE event_type = 'page.viewed')`,
        ),
        others: estate.db.raw(
          `greatest(max(recorded_at) FILTER (WHERE event_type = 'page.left'),
               (SELECT max(recorded_at) FROM staged_batches))`,
        ),
      });
      expect(others.getTime()).toBeLessThan(floodEnd.getTime());
    });
  });

  describe('several workers', () => {
    const TYPES = Array.from({ length: 12 }, (_, n) => `type.n${n}`);

    /** Event types by the worker that holds them, those that are alive. */
    const holders = async (): Promise<Record<string, string[]>> => {
      const rows = await estate
        .db('consumption_leases')
        .join('consumers', 'session', 'holder')
        .select('worker', 'event_type')
        .orderBy('event_type');
      const held: Record<string, string[]> = {};
      for (const { worker, event_type } of rows) {
        held[worker] = [...(held[worker] ?? []), event_type];
      }
      return held;
    };
    const sizes = (held: Record<string, string[]>) =>
      Object.values(held)
        .map(types => types.length)
        .sort();
    const tokens = async (): Promise<Map<string, number>> => {
      const rows = await estate
        .db('consumption_leases')
        .select('event_type', 'fencing_token');
      return new Map(
        rows.map(row => [row.event_type, Number(row.fencing_token)]),
      );
    };
    const startNamed = (workerId: string, overrides = {}) =>
      start({ workerId, leaseMs: 3_000, ...overrides });

    it('share the types evenly, and move no type that need not move', async () => {
      await estate.provision(TYPES);
      // None dies, so a lease that never runs out by itself.
      const leaseMs = 10_000;
      startNamed('a', { leaseMs });
      await eventually(holders, held => held.a?.length === 12);
      const atFirst = await tokens();
      startNamed('b', { leaseMs });
      await eventually(holders, held => `${sizes(held)}` === '6,6');
      startNamed('c', { leaseMs });
      const held = await eventually(
        holders,
        seen => `${sizes(seen)}` === '4,4,4',
      );
      const atLast = await tokens();
      const moves = TYPES.map(
        type => (atLast.get(type) ?? 0) - (atFirst.get(type) ?? 0),
      );
      // Six went to b; c took two from each. What a kept never moved.
      expect(moves.reduce((all, n) => all + n)).toBe(10);
      for (const type of held.a) {
        expect(atLast.get(type)).toBe(atFirst.get(type));
      }

      await Promise.all(TYPES.map(type => publish(type, 1, 2)));
      await stagedAfter(24);
      await running.pop()!.stop();
      await eventually(holders, seen => `${sizes(seen)}` === '6,6');
      await Promise.all(TYPES.map(type => publish(type, 3)));
      await expect(stagedAfter(36)).resolves.toHaveLength(36);
    });

    it('give back what they hold when the ledger is out of reach without a word', async () => {
      await estate.provision(['page.viewed']);
      const other = await estate.secondLedger();
      startNamed('frozen', { ledger: other.ledger });
      await eventually(holders, held => held.frozen?.length === 1);
      other.freeze();
      await publish('page.viewed', 1, 2);
      // It has them in hand, in a file that it cannot record.
      await eventually(
        () =>
          readdir(join(estate.stagingDir, 'page.viewed')).catch(
            () => [] as string[],
          ),
        files => files.length > 0,
      );
      startNamed('heir');
      await expect(stagedAfter(2)).resolves.toHaveLength(2);
      await expect(holders()).resolves.toEqual({ heir: ['page.viewed'] });
      other.mend();
      await Promise.all(running.splice(0).map(consumer => consumer.stop()));
      await other.close();
    });

    it('lose nothing when one vanishes, and its late writes are refused', async () => {
      await estate.provision(TYPES);
      const other = await estate.secondLedger();
      const warnings: string[] = [];
      startNamed('zombie', {
        ledger: other.ledger,
        logger: {
          ...silent,
          warn: (_: string, meta: { error?: string }) =>
            warnings.push(String(meta.error)),
        },
      });
      await eventually(holders, held => held.zombie?.length === 12);
      startNamed('heir');
      await eventually(holders, held => `${sizes(held)}` === '6,6');
      const before = await tokens();
      const { zombie } = await holders();
      other.cut();
      // What the zombie held comes to the heir, with higher tokens.
      await Promise.all(TYPES.map(type => publish(type, 1)));
      await expect(stagedAfter(12)).resolves.toHaveLength(12);
      const after = await tokens();
      const risen = TYPES.filter(type => after.get(type)! > before.get(type)!);
      expect(risen).toEqual(expect.arrayContaining(zombie));

      other.mend();
      await eventually(holders, held => `${sizes(held)}` === '6,6');
      await Promise.all(TYPES.map(type => publish(type, 2)));
      await expect(stagedAfter(24)).resolves.toHaveLength(24);
      await Promise.all(running.splice(0).map(consumer => consumer.stop()));
      await other.close();
    });
  });
});
