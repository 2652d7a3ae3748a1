import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { NotificationSendOptions } from '@backstage/plugin-notifications-node';
import {
  type Announcer,
  createLedgerClient,
  migrateLedger,
  readAnnouncementCursor,
} from '@millrace/ledger';
import {
  PARTITION_SEALED_TOPIC,
  type PartitionSealed,
} from '@millrace/plugin-delivery-common';
import { bucketOf } from '@millrace/schema';
import type { Knex } from 'knex';
import { revisePartition } from '../access/__testUtils__/revisePartition';
import { connectionStringOf } from '../__testUtils__/ledgerUrl';
import { sealPartition } from '../__testUtils__/sealPartition';
import { until } from '../__testUtils__/until';
import { publishSealed } from './publishSealed';
import { SealedFollower, type Teller } from './SealedFollower';
import { tellOfRevisions } from './tellOfRevisions';

jest.setTimeout(60_000);

const HOUR = Date.parse('2026-11-21T10:00:00Z');
const bucketAt = (n: number) => bucketOf(new Date(HOUR + n * 60_000), 60);

describe('announcing sealed partitions', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const logger = mockServices.logger.mock();
  let ledger: Knex;
  let lakeRoot: string;
  let followers: SealedFollower[] = [];

  beforeEach(async () => {
    const db = await databases.init('POSTGRES_18');
    ledger = createLedgerClient({ connectionString: connectionStringOf(db) });
    await migrateLedger(ledger);
    lakeRoot = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-lake-'));
  });
  afterEach(async () => {
    await Promise.all(followers.map(follower => follower.stop()));
    followers = [];
    await ledger.destroy();
    await fs.rm(lakeRoot, { recursive: true, force: true });
  });

  const seal = (eventType: string, n: number) =>
    sealPartition(ledger, lakeRoot, {
      eventType,
      bucket: bucketAt(n),
      delivered: 2,
      duplicates: 1,
      latenessMs: 4_000,
    });

  function follow(
    tell: Teller,
    options: {
      announcer?: Announcer;
      monotonicMs?: () => number;
    } = {},
  ): SealedFollower {
    const follower = new SealedFollower({
      ledger,
      announcer: 'partition-sealed',
      tell,
      logger,
      followerId: randomUUID(),
      ...options,
    });
    followers.push(follower);
    return follower;
  }

  /** Publishes into a list; throws for what `refuses` says. */
  function subscribe(
    refuses: (payload: PartitionSealed) => boolean = () => false,
  ) {
    const heard: {
      topic: string;
      payload: PartitionSealed;
      metadata: object;
    }[] = [];
    const tell = publishSealed({
      events: mockServices.events.mock({
        publish: async ({ topic, eventPayload, metadata = {} }) => {
          const payload = eventPayload as PartitionSealed;
          if (refuses(payload)) {
            throw new Error('The event bus is away');
          }
          heard.push({ topic, payload, metadata });
        },
      }),
    });
    const names = () =>
      heard.map(
        ({ payload }) =>
          `${payload.eventType} ${payload.bucketStart.slice(11, 16)} r${
            payload.revision
          }`,
      );
    return { heard, tell, names };
  }

  it('says which partition, what it holds, where its manifest is, and what it replaces', async () => {
    await seal('shop.ship', 0);
    const { heard, tell } = subscribe();
    await follow(tell).followOnce();
    expect(heard).toEqual([
      {
        topic: PARTITION_SEALED_TOPIC,
        metadata: { eventType: 'shop.ship', revision: '1', why: 'sealed' },
        payload: {
          eventType: 'shop.ship',
          bucketStart: '2026-11-21T10:00:00.000Z',
          bucketEnd: '2026-11-21T10:01:00.000Z',
          revision: 1,
          replacedRevision: undefined,
          why: 'sealed',
          reason: undefined,
          operationId: undefined,
          counts: {
            accepted: 3,
            delivered: 2,
            duplicates: 1,
            refused: 0,
            conflicts: 0,
            skewed: 0,
          },
          bytes: expect.any(Number),
          schemaVersion: 1,
          manifest: {
            path: expect.stringMatching(/^shop\.ship\/.*manifest\.json$/),
            sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
          sealedAt: '2026-11-21T10:01:04.000Z',
          sequence: expect.stringMatching(/^\d+$/),
        },
      },
    ]);
  });

  it('tells each in the order of sealing, and goes on where it stopped after a restart', async () => {
    await seal('shop.ship', 1);
    await seal('shop.ship', 0);
    const first = subscribe();
    const before = follow(first.tell);
    await expect(before.followOnce()).resolves.toBe(2);
    await before.stop();
    expect(first.names()).toEqual(['shop.ship 10:01 r1', 'shop.ship 10:00 r1']);

    await seal('shop.order', 0);
    const second = subscribe();
    const after = follow(second.tell);
    await expect(after.followOnce()).resolves.toBe(1);
    await expect(after.followOnce()).resolves.toBe(0);
    expect(second.names()).toEqual(['shop.order 10:00 r1']);
  });

  it('repeats what may not have been taken, and leaves nothing out', async () => {
    for (const n of [0, 1, 2]) {
      await seal('shop.ship', n);
    }
    let isAway = true;
    const { tell, names } = subscribe(
      ({ bucketStart }) => isAway && bucketStart.includes('10:01'),
    );
    const follower = follow(tell);
    await expect(follower.followOnce()).rejects.toThrow('away');
    // The one that was taken is not told again, the others are still to come.
    expect(names()).toEqual(['shop.ship 10:00 r1']);
    isAway = false;
    await follower.followOnce();
    expect(names()).toEqual([
      'shop.ship 10:00 r1',
      'shop.ship 10:01 r1',
      'shop.ship 10:02 r1',
    ]);
  });

  it('tells again what was told when the process died before it was noted', async () => {
    await seal('shop.ship', 0);
    const { tell, names } = subscribe();
    const dying = follow(async (revisions, telling) => {
      await tell(revisions, { ...telling, told: () => {} });
      throw new Error('killed');
    });
    await expect(dying.followOnce()).rejects.toThrow('killed');
    await dying.stop();
    await follow(tell).followOnce();
    expect(names()).toEqual(['shop.ship 10:00 r1', 'shop.ship 10:00 r1']);
  });

  it('is done by one of two processes, and by the other when the first has gone', async () => {
    const one = subscribe();
    const two = subscribe();
    const first = follow(one.tell);
    const second = follow(two.tell);
    await seal('shop.ship', 0);
    const [a, b] = await Promise.all([first.followOnce(), second.followOnce()]);
    expect([a, b].filter(told => told === undefined)).toHaveLength(1);
    const [holder, other] = a === undefined ? [second, first] : [first, second];
    await seal('shop.ship', 1);
    await expect(other.followOnce()).resolves.toBeUndefined();
    await holder.stop();
    await expect(other.followOnce()).resolves.toBe(1);
    expect([...one.names(), ...two.names()].sort()).toEqual([
      'shop.ship 10:00 r1',
      'shop.ship 10:01 r1',
    ]);
  });

  it('is stopped in a process that has slept through its lease, before it tells anything more', async () => {
    for (const n of [0, 1]) {
      await seal('shop.ship', n);
    }
    let now = 0;
    const slept = subscribe();
    const taken = subscribe();
    const awake = follow(taken.tell);
    const sleeper = follow(
      async (revisions, telling) => {
        await slept.tell(revisions.slice(0, 1), telling);
        now = 31_000;
        await ledger('leases').update({ expires_at: new Date(0) });
        await expect(awake.followOnce()).resolves.toBe(2);
        await slept.tell(revisions.slice(1), telling);
      },
      { monotonicMs: () => now },
    );
    await expect(sleeper.followOnce()).rejects.toMatchObject({
      code: 'fencing_token_stale',
    });
    expect(slept.names()).toEqual(['shop.ship 10:00 r1']);
    expect(taken.names()).toEqual(['shop.ship 10:00 r1', 'shop.ship 10:01 r1']);
    // What it noted is refused; the cursor of the other one stands.
    const { rows } = await ledger.raw(
      'SELECT max(commit_seq)::text AS seq FROM partitions',
    );
    await expect(
      readAnnouncementCursor(ledger, { announcer: 'partition-sealed' }),
    ).resolves.toBe(rows[0].seq);
  });

  it('is not taken over from a process whose subscribers are slow', async () => {
    for (const n of [0, 1, 2]) {
      await seal('shop.ship', n);
    }
    let now = 0;
    const other = follow(async () => {});
    const { tell, names } = subscribe();
    const slow = follow(
      async (revisions, telling) => {
        for (const revision of revisions) {
          await tell([revision], telling);
          // The subscriber took so long that the lease has run out.
          now += 31_000;
          await ledger('leases').update({ expires_at: new Date(0) });
          await telling.hold();
          await expect(other.followOnce()).resolves.toBeUndefined();
        }
      },
      { monotonicMs: () => now },
    );
    await expect(slow.followOnce()).resolves.toBe(3);
    expect(names()).toHaveLength(3);
  });

  it('goes on by itself while it runs, also after the events service was away', async () => {
    let isAway = true;
    const { tell, names } = subscribe(() => isAway);
    follow(tell).start();
    await seal('shop.ship', 0);
    await until(() => logger.warn.mock.calls.length > 0);
    isAway = false;
    await until(() => names().length > 0);
    await seal('shop.ship', 1);
    await until(() => names().length > 1);
    expect(names()).toEqual(['shop.ship 10:00 r1', 'shop.ship 10:01 r1']);
  });

  describe('when partitions have a new revision', () => {
    const REASON = 'The disk of the lake lost a file';

    /** As the worker leaves an operation that is done. */
    async function revise(buckets: number[]): Promise<string> {
      const operationId = randomUUID();
      const starts = buckets.map(n => bucketAt(n).start);
      await ledger('revision_operations').insert({
        operation_id: operationId,
        event_type: 'shop.ship',
        kind: 'redeliver',
        state: 'done',
        buckets: starts,
        requested_by: 'user:default/platform',
        requested_at: new Date(),
        approved_by: 'user:default/platform',
        approved_at: new Date(),
        reason: REASON,
        finished_at: new Date(),
      });
      for (const n of buckets) {
        const bucket = bucketAt(n);
        await revisePartition(ledger, lakeRoot, {
          eventType: 'shop.ship',
          bucket,
          rows: 5,
        });
        const [from, to] = await ledger('partitions')
          .where({ bucket_start: bucket.start })
          .orderBy('revision');
        await ledger('partitions')
          .where({ partition_id: to.partition_id })
          .update({ operation_id: operationId });
        await ledger('revision_changes').insert({
          operation_id: operationId,
          event_type: 'shop.ship',
          bucket_start: bucket.start,
          bucket_seconds: 60,
          from_partition_id: from.partition_id,
          from_revision: 1,
          to_partition_id: to.partition_id,
          to_revision: 2,
          source: 'staged',
          batches: 1,
          batches_in: 0,
          batches_out: 0,
          batches_digest: '',
          counts_before: JSON.stringify({ accepted: 3, delivered: 2 }),
          counts_after: JSON.stringify({ accepted: 5, delivered: 5 }),
        });
      }
      return operationId;
    }

    it('says what they replace and why, to subscribers', async () => {
      await seal('shop.ship', 0);
      const { heard, tell } = subscribe();
      const follower = follow(tell);
      await follower.followOnce();
      const operationId = await revise([0]);
      await follower.followOnce();
      expect(heard).toHaveLength(2);
      expect(heard[1]).toMatchObject({
        metadata: { revision: '2', why: 'redeliver' },
        payload: {
          revision: 2,
          replacedRevision: 1,
          why: 'redeliver',
          reason: REASON,
          operationId,
          counts: { delivered: 5 },
        },
      });
      expect(BigInt(heard[1].payload.sequence)).toBeGreaterThan(
        BigInt(heard[0].payload.sequence),
      );
    });

    it('tells the owner once for an operation of several, and again the same after a crash', async () => {
      for (const n of [0, 1]) {
        await seal('shop.ship', n);
      }
      const operationId = await revise([0, 1]);
      const sent: NotificationSendOptions[] = [];
      const tell = tellOfRevisions({
        ledger,
        logger,
        notifications: {
          send: async notification => {
            sent.push(notification);
          },
        },
        ownersOf: async () => ['group:default/shop'],
      });
      const dying = follow(
        async (revisions, telling) => {
          await tell(revisions, { ...telling, told: () => {} });
          throw new Error('killed');
        },
        { announcer: 'revision-notices' },
      );
      await expect(dying.followOnce()).rejects.toThrow('killed');
      await dying.stop();
      await follow(tell, { announcer: 'revision-notices' }).followOnce();
      expect(sent).toHaveLength(2);
      expect(sent[1]).toEqual(sent[0]);
      expect(sent[0]).toEqual({
        recipients: { type: 'entity', entityRef: ['group:default/shop'] },
        payload: {
          title: '2 partitions of shop.ship have a new revision',
          description: `Those from 2026-11-21T10:00:00.000Z to 2026-11-21T10:01:00.000Z were redelivered: +6 events delivered. Why: ${REASON}. Jobs that have read them should read them again.`,
          severity: 'normal',
          topic: 'partition-revised',
          scope: `revision:${operationId}`,
          link: '/catalog/default/eventtype/shop.ship/delivery',
        },
      });
    });

    it('tells nobody of first deliveries, or of a type without an owner', async () => {
      await seal('shop.ship', 0);
      await revise([0]);
      const send = jest.fn();
      const tell = tellOfRevisions({
        ledger,
        logger,
        notifications: { send },
        ownersOf: async () => [undefined],
      });
      await expect(
        follow(tell, { announcer: 'revision-notices' }).followOnce(),
      ).resolves.toBe(2);
      expect(send).not.toHaveBeenCalled();
      await expect(
        readAnnouncementCursor(ledger, { announcer: 'revision-notices' }),
      ).resolves.not.toBe('0');
    });
  });
});
