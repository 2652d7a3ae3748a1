import {
  beginSealing,
  declareBucket,
  endGateway,
  heartbeatGateway,
  listBucketsToClose,
  listGateways,
  publishConfigSnapshot,
  readClosingInputs,
  recordPoisonBatch,
  recordStagedBatches,
  registerGateway,
} from '..';
import {
  bucketAt,
  claimSealLease,
  minutes,
  provision,
  sealBucket,
  stagedBatch,
  useLedger,
} from '../../__testUtils__/ledger';

jest.setTimeout(60_000);

/** A gateway that lived from one minute to another, counted from noon. */
interface Life {
  gateway?: string;
  from: number;
  to: number;
  /** Whether it said goodbye, or its lease ran out. */
  ended?: boolean;
}

describe('closing a bucket', () => {
  const ledger = useLedger();

  async function live({ gateway = 'g', from, to, ended = true }: Life) {
    const life = { gateway, epoch: `e${from}` };
    await registerGateway(ledger(), {
      ...life,
      startedAt: minutes(from),
      url: 'http://g',
      pid: 1,
      now: minutes(from),
      leaseMs: (to - from) * 60_000,
    });
    if (ended) {
      await endGateway(ledger(), { ...life, endedAt: minutes(to) });
    }
    return life;
  }

  /** Due buckets as `type@minute`, in the order given. */
  async function due(now: number, limit = 1000) {
    const buckets = await listBucketsToClose(ledger(), {
      now: minutes(now),
      graceMs: 500,
      limit,
    });
    return buckets.map(
      ({ eventType, bucket }) =>
        `${eventType}@${
          (bucket.start.getTime() - minutes(0).getTime()) / 60_000
        }`,
    );
  }

  describe('listBucketsToClose', () => {
    it('gives every bucket of every type that a gateway was alive in, once end and grace have passed', async () => {
      await provision(ledger(), { aaa: 'normal', bbb: 'normal' });
      await live({ from: 0.5, to: 10, ended: false });

      await expect(due(1)).resolves.toEqual([]);
      await expect(due(1.01)).resolves.toEqual(['aaa@0', 'bbb@0']);
      await expect(due(2.5)).resolves.toEqual([
        'aaa@0',
        'bbb@0',
        'aaa@1',
        'bbb@1',
      ]);
    });

    it('puts what a dead sealer left first, then critical types, then the oldest', async () => {
      await provision(ledger(), { aaa: 'low', bbb: 'critical', ccc: 'normal' });
      await live({ from: 0, to: 2 });
      await beginSealing(ledger(), {
        eventType: 'aaa',
        bucket: bucketAt(1),
        fencingToken: await claimSealLease(ledger(), 'aaa'),
        decision: {},
      });
      await expect(due(10)).resolves.toEqual([
        'aaa@1',
        'bbb@0',
        'bbb@1',
        'ccc@0',
        'ccc@1',
        'aaa@0',
      ]);
      await expect(due(10, 2)).resolves.toEqual(['aaa@1', 'bbb@0']);
    });

    it('shows the oldest of each tier, however many critical ones there are', async () => {
      const critical = Array.from({ length: 40 }, (_, n) => `critical-${n}`);
      await provision(ledger(), {
        aaa: 'low',
        bbb: 'normal',
        ...Object.fromEntries(
          critical.map(name => [name, 'critical' as const]),
        ),
      });
      await live({ from: 0, to: 2 });
      const seen = await due(10, 20);
      expect(seen).toHaveLength(20);
      expect(seen.slice(-4)).toEqual(['bbb@0', 'bbb@1', 'aaa@0', 'aaa@1']);
    });

    it('owes nothing for a span in which no gateway was alive', async () => {
      await provision(ledger(), { aaa: 'normal' });
      await live({ from: 0, to: 1.5 });
      const threeDays = 3 * 24 * 60;
      await live({ from: threeDays + 0.2, to: threeDays + 2 });

      await expect(due(threeDays + 1.5)).resolves.toEqual([
        'aaa@0',
        'aaa@1',
        `aaa@${threeDays}`,
      ]);
    });

    it('owes nothing for buckets that ended before the type was provisioned', async () => {
      await live({ from: 0, to: 3 });
      await provision(ledger(), { aaa: 'normal' }, { now: minutes(1.5) });
      await expect(due(10)).resolves.toEqual(['aaa@1', 'aaa@2']);
    });

    it('stops owing when a type is removed, but delivers what is staged', async () => {
      await provision(ledger(), { aaa: 'normal' });
      await live({ from: 0, to: 3 });
      await provision(ledger(), { bbb: 'normal' }, { now: minutes(1) });
      await recordStagedBatches(ledger(), {
        batches: [stagedBatch({ eventType: 'aaa', bucket: bucketAt(2) })],
        now: minutes(2.5),
      });
      await expect(due(10)).resolves.toEqual(['bbb@1', 'aaa@2', 'bbb@2']);
    });

    it('gives a bucket with staged batches even of a gateway nobody knows', async () => {
      await provision(ledger(), { aaa: 'normal' });
      await recordStagedBatches(ledger(), {
        batches: [stagedBatch({ eventType: 'aaa', bucket: bucketAt(7) })],
        now: minutes(7.5),
      });
      await expect(due(8)).resolves.toEqual([]);
      await expect(due(9)).resolves.toEqual(['aaa@7']);
    });

    it('never forgets a bucket that could not be closed while later ones were', async () => {
      await provision(ledger(), { aaa: 'normal' });
      await live({ from: 0, to: 5 });
      for (const n of [0, 2, 3]) {
        await sealBucket(ledger(), { eventType: 'aaa', bucket: bucketAt(n) });
      }
      await expect(due(10)).resolves.toEqual(['aaa@1', 'aaa@4']);
      for (const n of [1, 4]) {
        await sealBucket(ledger(), { eventType: 'aaa', bucket: bucketAt(n) });
      }
      await expect(due(10)).resolves.toEqual([]);
      await expect(closedThrough('aaa')).resolves.toEqual(minutes(5));
    });

    it('starts its search after what is sealed, so that history costs nothing', async () => {
      await provision(ledger(), { aaa: 'normal' });
      await live({ from: 0, to: 5 });
      await sealBucket(ledger(), { eventType: 'aaa', bucket: bucketAt(0) });
      await expect(closedThrough('aaa')).resolves.toEqual(minutes(1));
      await sealBucket(ledger(), { eventType: 'aaa', bucket: bucketAt(2) });
      await expect(closedThrough('aaa')).resolves.toEqual(minutes(1));
      await sealBucket(ledger(), { eventType: 'aaa', bucket: bucketAt(1) });
      await expect(closedThrough('aaa')).resolves.toEqual(minutes(3));
    });

    it('goes back for a gateway that becomes known late', async () => {
      await provision(ledger(), { aaa: 'normal' });
      await live({ gateway: 'known', from: 0, to: 1 });
      await live({ gateway: 'known', from: 5, to: 6 });
      for (const n of [0, 5]) {
        await sealBucket(ledger(), { eventType: 'aaa', bucket: bucketAt(n) });
      }
      await live({ gateway: 'late', from: 3, to: 4 });
      await expect(due(10)).resolves.toEqual(['aaa@3']);
    });

    it('goes back for a gateway that was cut off and returns', async () => {
      await provision(ledger(), { aaa: 'normal' });
      const life = await live({
        gateway: 'cut-off',
        from: 0,
        to: 1,
        ended: false,
      });
      await live({ gateway: 'other', from: 4, to: 6 });
      for (const n of [0, 4, 5]) {
        await sealBucket(ledger(), { eventType: 'aaa', bucket: bucketAt(n) });
      }
      await expect(due(6.1)).resolves.toEqual([]);
      await heartbeatGateway(ledger(), {
        ...life,
        startedAt: minutes(0),
        url: 'http://g',
        pid: 1,
        now: minutes(6),
        leaseMs: 1_000,
        generation: 7,
      });
      await expect(due(6.1)).resolves.toEqual(['aaa@1', 'aaa@2', 'aaa@3']);
    });

    it('answers for sixty types of minutes with one statement', async () => {
      const types = Array.from({ length: 60 }, (_, i) => `type-${100 + i}`);
      await provision(
        ledger(),
        Object.fromEntries(types.map(name => [name, 'normal' as const])),
      );
      await live({ from: 0, to: 120 });
      const statements: string[] = [];
      const onQuery = (query: { sql: string }) => statements.push(query.sql);
      ledger().on('query', onQuery);
      try {
        await expect(due(200, 10_000)).resolves.toHaveLength(60 * 120);
      } finally {
        ledger().removeListener('query', onQuery);
      }
      expect(statements).toHaveLength(1);
    });

    async function closedThrough(eventType: string) {
      const [at] = await ledger()('event_types')
        .where({ event_type: eventType })
        .pluck('closed_through');
      return at;
    }
  });

  describe('readClosingInputs', () => {
    const read = async () =>
      (
        await readClosingInputs(ledger(), {
          eventType: 'page.viewed',
          bucket: bucketAt(0),
        })
      ).gateways;

    it('asks every gateway life that was alive in the bucket, and no other', async () => {
      await live({ gateway: 'before', from: -5, to: 0 });
      await live({ gateway: 'during', from: -5, to: 0.5 });
      await live({ gateway: 'dead', from: -5, to: 0.5, ended: false });
      await live({ gateway: 'after', from: 1, to: 2 });

      await expect(read()).resolves.toEqual([
        expect.objectContaining({
          gateway: 'dead',
          endedAt: undefined,
          leaseExpiresAt: minutes(0.5),
          declared: false,
          lastBatch: 0,
        }),
        expect.objectContaining({
          gateway: 'during',
          startedAt: minutes(-5),
          endedAt: minutes(0.5),
          registered: true,
        }),
      ]);
    });

    it('names the batches that are missing: declared, neither staged nor abandoned', async () => {
      const life = await live({ from: 0, to: 1 });
      await recordStagedBatches(ledger(), {
        batches: [1, 4].map(batch => stagedBatch({ ...life, batch })),
        now: minutes(0.5),
      });
      await declareBucket(ledger(), {
        ...life,
        bucket: bucketAt(0),
        counts: [
          {
            eventType: 'page.viewed',
            lastBatch: 6,
            abandonedBatches: [3],
            events: 55,
          },
        ],
      });
      await expect(read()).resolves.toEqual([
        expect.objectContaining({
          declared: true,
          lastBatch: 6,
          abandonedBatches: [3],
          declaredEvents: 55,
          stagedBatches: 2,
          stagedEvents: 20,
          missingBatches: [2, 5, 6],
        }),
      ]);
    });

    it('does not wait for a batch that arrived and could not be read', async () => {
      const life = await live({ from: 0, to: 1 });
      await recordPoisonBatch(ledger(), {
        subscription: 's',
        messageId: 'm',
        reason: 'unreadable_body',
        message: 'not zstd',
        attributes: {},
        data: Buffer.from('x'),
        publishedAt: minutes(0.5),
        header: stagedBatch({ ...life, batch: 2 }).header,
      });
      await declareBucket(ledger(), {
        ...life,
        bucket: bucketAt(0),
        counts: [
          {
            eventType: 'page.viewed',
            lastBatch: 3,
            abandonedBatches: [],
            events: 30,
          },
        ],
      });
      await expect(read()).resolves.toEqual([
        expect.objectContaining({
          poisonBatches: [2],
          missingBatches: [1, 3],
        }),
      ]);
    });

    it('takes a declaration without counts for "alive and sent nothing"', async () => {
      const life = await live({ from: 0, to: 1 });
      await declareBucket(ledger(), {
        ...life,
        bucket: bucketAt(0),
        counts: [],
      });
      await expect(read()).resolves.toEqual([
        expect.objectContaining({
          declared: true,
          lastBatch: 0,
          declaredEvents: 0,
          missingBatches: [],
        }),
      ]);
    });

    it('takes the declaration of a longer bucket for all it covers, but its batches for its own', async () => {
      const life = await live({ from: -20, to: 90, ended: false });
      const counts = [
        {
          eventType: 'page.viewed',
          lastBatch: 2,
          abandonedBatches: [1],
          events: 10,
        },
      ];
      const declare = (from: number) =>
        declareBucket(ledger(), {
          ...life,
          bucket: { start: minutes(from), seconds: 3600 },
          counts,
        });

      await declare(-60);
      await expect(read()).resolves.toMatchObject([{ declared: false }]);
      await declare(-30);
      await expect(read()).resolves.toMatchObject([
        {
          declared: true,
          lastBatch: 0,
          abandonedBatches: [],
          declaredEvents: 0,
          missingBatches: [],
        },
      ]);
    });

    it('counts a batch of the bucket as arrived wherever it landed', async () => {
      await sealBucket(ledger(), { bucket: bucketAt(0) });
      await recordStagedBatches(ledger(), {
        batches: [stagedBatch({ batch: 1 })],
        now: minutes(3.5),
      });
      const [{ stagedBatches }] = await read();
      expect(stagedBatches).toBe(1);
    });

    it('gives a gateway known only from its batches the span of these for a life', async () => {
      await recordStagedBatches(ledger(), {
        batches: [stagedBatch({ batch: 3 })],
        now: minutes(0.5),
      });
      await expect(read()).resolves.toEqual([
        expect.objectContaining({
          registered: false,
          startedAt: new Date(minutes(0).getTime() + 1_000),
          leaseExpiresAt: new Date(minutes(0).getTime() + 1_000),
          lastBatch: 3,
          missingBatches: [1, 2],
        }),
      ]);
    });

    it('takes the same declaration twice, and a better one instead', async () => {
      const life = await live({ from: 0, to: 1 });
      const declare = (lastBatch: number, eventType = 'page.viewed') =>
        declareBucket(ledger(), {
          ...life,
          bucket: bucketAt(0),
          counts: [{ eventType, lastBatch, abandonedBatches: [], events: 1 }],
        });
      await declare(2);
      await declare(2);
      await expect(read()).resolves.toEqual([
        expect.objectContaining({ lastBatch: 2, missingBatches: [1, 2] }),
      ]);
      await declare(9, 'page.left');
      await expect(read()).resolves.toEqual([
        expect.objectContaining({ declared: true, lastBatch: 0 }),
      ]);
    });
  });

  it('shows gateways as they report themselves', async () => {
    await live({ gateway: 'gone', from: 0, to: 1 });
    await heartbeatGateway(ledger(), {
      gateway: 'here',
      epoch: 'e1',
      startedAt: minutes(0),
      url: 'http://here',
      pid: 42,
      leaseMs: 60_000,
      generation: 3,
    });
    await expect(
      listGateways(ledger(), { activeSince: minutes(-1) }),
    ).resolves.toEqual([
      expect.objectContaining({ gateway: 'gone', alive: false }),
      expect.objectContaining({
        gateway: 'here',
        alive: true,
        generation: 3,
        url: 'http://here',
        pid: 42,
      }),
    ]);
    await expect(
      listGateways(ledger(), { activeSince: minutes(1) }),
    ).resolves.toHaveLength(1);
  });

  it('has nothing to close before anything was configured', async () => {
    await live({ from: 0, to: 5 });
    await expect(due(10)).resolves.toEqual([]);
    await publishConfigSnapshot(ledger(), {
      bucketSeconds: 60,
      eventTypes: [],
      writeKeys: [],
    });
    await expect(due(10)).resolves.toEqual([]);
  });
});
