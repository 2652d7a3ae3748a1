import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  migrateLedger,
  pruneStagedBatches,
  publishConfigSnapshot,
  readMilestones,
} from '@millrace/ledger';
import { bucketOf } from '@millrace/schema';
import { stageEvents, sealPartition } from '../__testUtils__/sealPartition';
import { type ConditionFacts, describeConditions } from './describeConditions';

jest.setTimeout(60_000);

const FACTS: ConditionFacts = {
  declaredAt: '2026-11-21T13:00:00.000Z',
  gatewayUrl: 'http://localhost:7008',
  inFlight: 0,
  refusedAtGateway: 0,
  bucketSeconds: 3600,
  objectiveMs: 60 * 60_000,
  now: new Date('2026-11-21T13:10:00Z'),
};

describe('describeConditions', () => {
  const told = (facts: Partial<ConditionFacts>) =>
    describeConditions({ ...FACTS, ...facts });

  it('says of a fresh declaration what comes next', () => {
    expect(told({})).toMatchObject([
      { type: 'Declared', reached: true, at: FACTS.declaredAt },
      {
        type: 'Provisioned',
        reached: false,
        message: expect.stringContaining('within seconds'),
      },
      {
        type: 'Receiving',
        reached: false,
        message: expect.stringContaining('with a write key'),
      },
      {
        type: 'Delivering',
        reached: false,
        message: expect.stringContaining('follows the first event'),
      },
    ]);
  });

  it('says why it is not provisioned, even when it once was', () => {
    const message = 'The topic was deleted.';
    const [, provisioned] = told({
      milestones: { provisionedAt: new Date() },
      problem: { code: 'subscription_detached', message },
    });
    expect(provisioned).toEqual({
      type: 'Provisioned',
      reached: false,
      message,
      reason: 'subscription_detached',
    });
    const [, failing] = told({
      roundFailure: 'The broker could not be reached',
    });
    expect(failing.message).toContain('The broker could not be reached');
  });

  it.each([
    [3600, 'hour'],
    [300, '5 min'],
    [10, '10 s'],
  ])('names a bucket of %i s', (bucketSeconds, words) => {
    const [, , , delivering] = told({
      inFlight: 3,
      bucketSeconds,
      milestones: { waitingBucketEnd: new Date('2026-11-21T14:00:00Z') },
    });
    expect(delivering.message).toContain('3 events wait for sealing');
    expect(delivering.message).toContain(`its ${words} is over`);
  });

  it('says from when to when the first partition is expected, and that it is late', () => {
    const milestones = { waitingBucketEnd: new Date('2026-11-21T14:00:00Z') };
    const [, , , waiting] = told({ inFlight: 1, milestones });
    expect(waiting.expected).toEqual({
      from: '2026-11-21T14:00:00.000Z',
      by: '2026-11-21T15:00:00.000Z',
    });
    expect(waiting.message).toContain('Nothing to do');
    const now = new Date('2026-11-21T15:00:01Z');
    const [, , , late] = told({ inFlight: 1, milestones, now });
    expect(late.message).toContain('which is late');
    expect(late.expected).toEqual(waiting.expected);
    const [, , , idle] = told({});
    expect(idle.expected).toBeUndefined();
  });

  it('says that events came and none of them fitted', () => {
    const [, , receiving] = told({ refusedAtGateway: 2 });
    expect(receiving.reached).toBe(false);
    expect(receiving.message).toContain(
      '2 events have arrived and been refused',
    );
  });
});

describe('readMilestones', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it('tells when each step was first reached, also after batches are forgotten', async () => {
    const ledger = await databases.init('POSTGRES_18');
    const lakeRoot = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-lake-'));
    await migrateLedger(ledger);
    const provisionedAt = new Date('2026-11-21T10:00:00Z');
    const type = (name: string) => ({
      name,
      tier: 'normal' as const,
      version: 1,
      schema: {},
      topic: name,
      subscription: name,
      refusedTopic: name,
      refusedSubscription: name,
    });
    const publish = (names: string[]) =>
      publishConfigSnapshot(ledger, {
        bucketSeconds: 60,
        eventTypes: names.map(type),
        writeKeys: [],
        now: provisionedAt,
      });
    await publish(['type.a', 'type.b', 'type.c']);
    await publish(['type.a', 'type.b']);

    const minute = (n: number) =>
      bucketOf(new Date(Date.UTC(2026, 10, 21, 11, n)), 60);
    const seal = (n: number, delivered: number) =>
      sealPartition(ledger, lakeRoot, {
        eventType: 'type.a',
        bucket: minute(n),
        delivered,
        latenessMs: 5000,
      });
    await seal(0, 0);
    await seal(1, 2);
    await seal(2, 2);
    await stageEvents(ledger, {
      eventType: 'type.b',
      bucket: minute(3),
      events: 1,
    });

    const read = () =>
      readMilestones(ledger, { eventTypes: ['type.a', 'type.b', 'type.c'] });
    const byName = async () =>
      (await read()).sort((a, b) => a.eventType.localeCompare(b.eventType));
    expect(await byName()).toEqual([
      {
        eventType: 'type.a',
        provisionedAt,
        firstReceivedAt: new Date('2026-11-21T11:01:01Z'),
        firstSealedAt: new Date('2026-11-21T11:02:05Z'),
      },
      {
        eventType: 'type.b',
        provisionedAt,
        firstReceivedAt: new Date('2026-11-21T11:03:01Z'),
        firstSealedAt: undefined,
        waitingBucketEnd: new Date('2026-11-21T11:04:00Z'),
      },
      {
        eventType: 'type.c',
        provisionedAt: undefined,
        firstReceivedAt: undefined,
        firstSealedAt: undefined,
      },
    ]);

    await ledger('staged_batches')
      .whereNotNull('consumed_at')
      .update({ consumed_at: new Date('2026-01-01T00:00:00Z') });
    await pruneStagedBatches(ledger, { before: new Date() });
    expect((await byName())[0].firstReceivedAt).toEqual(
      new Date('2026-11-21T11:01:01Z'),
    );

    // An earlier release forgot it: the bucket stands in.
    await ledger('first_receptions').delete();
    expect((await byName())[0].firstReceivedAt).toEqual(
      new Date('2026-11-21T11:01:00Z'),
    );
    await fs.rm(lakeRoot, { recursive: true });
  });
});
