import { TestDatabases } from '@backstage/backend-test-utils';
import {
  listConditions,
  migrateLedger,
  publishConfigSnapshot,
} from '@millrace/ledger';
import type { Knex } from 'knex';
import type { ProvisioningProblem } from '../errors';
import { ConditionKeeper, type RoundFindings } from './ConditionKeeper';

jest.setTimeout(60_000);

const PROBLEM: ProvisioningProblem = {
  code: 'broker_refused',
  message: 'The broker did not create its topic',
};

describe('ConditionKeeper', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let ledger: Knex;
  let nowMs: number;

  async function start() {
    ledger = await databases.init('POSTGRES_18');
    await migrateLedger(ledger);
    nowMs = 0;
    await publishConfigSnapshot(ledger, {
      bucketSeconds: 60,
      writeKeys: [],
      eventTypes: [
        {
          name: 'shop.order',
          tier: 'normal',
          version: 1,
          schema: {},
          topic: 'event.shop.order',
          subscription: 'event.shop.order.delivery',
          refusedTopic: 'refused.shop.order',
          refusedSubscription: 'refused.shop.order.delivery',
        },
      ],
    });
  }

  const newKeeper = () =>
    new ConditionKeeper({
      ledger,
      gatewayUrl: 'http://localhost:7008',
      bucketSeconds: 60,
      latenessObjectivesMs: { critical: 60_000, normal: 60_000, low: 60_000 },
      now: () => new Date(),
      monotonicMs: () => nowMs,
    });

  const found = (findings: Partial<RoundFindings> = {}): RoundFindings => ({
    declared: [
      {
        name: 'shop.order',
        createdAt: '2026-11-20T10:00:00.000Z',
        tier: 'normal',
      },
    ],
    changed: false,
    problems: new Map(),
    ...findings,
  });

  async function kept() {
    const conditions = await listConditions(ledger, {
      eventTypes: ['shop.order'],
    });
    return Object.fromEntries(
      conditions.map(({ condition, status, reason, lastTransitionAt }) => [
        condition,
        { status, reason, since: lastTransitionAt.toISOString() },
      ]),
    );
  }

  it('keeps since when each condition holds, across instances', async () => {
    await start();
    await newKeeper().keep(found());
    const first = await kept();
    expect(first).toMatchObject({
      Declared: { status: true, since: '2026-11-20T10:00:00.000Z' },
      Provisioned: { status: true, reason: 'provisioned' },
      Receiving: { status: false, reason: 'no_event_yet' },
      Delivering: { status: false, reason: 'nothing_to_seal' },
    });
    await newKeeper().keep(found({ changed: true }));
    expect(await kept()).toEqual(first);
  });

  it('says since when one has failed, and since when it holds again', async () => {
    await start();
    const keeper = newKeeper();
    await keeper.keep(found());
    const { Provisioned: before, ...others } = await kept();
    const failing = found({ problems: new Map([['shop.order', PROBLEM]]) });
    await keeper.keep(failing);
    const { Provisioned: failed, ...othersLater } = await kept();
    expect(failed).toMatchObject({ status: false, reason: 'broker_refused' });
    expect(failed.since > before.since).toBe(true);
    expect(othersLater).toEqual(others);

    await keeper.keep(found());
    const { Provisioned: again } = await kept();
    expect(again).toMatchObject({ status: true, reason: 'provisioned' });
    expect(again.since > failed.since).toBe(true);
  });

  it('keeps since when it failed while only the reason changes', async () => {
    await start();
    const keeper = newKeeper();
    await keeper.keep(found({ problems: new Map([['shop.order', PROBLEM]]) }));
    const { Provisioned: first } = await kept();
    await keeper.keep(
      found({
        problems: new Map([
          ['shop.order', { ...PROBLEM, code: 'awaiting_gateways' }],
        ]),
      }),
    );
    expect((await kept()).Provisioned).toEqual({
      ...first,
      reason: 'awaiting_gateways',
    });
  });

  it('looks again only when something has changed or a while has passed', async () => {
    await start();
    const keeper = newKeeper();
    let statements = 0;
    ledger.on('query', () => {
      statements += 1;
    });
    const looks = async () => {
      const before = statements;
      await keeper.keep(found());
      return statements - before;
    };
    expect(await looks()).toBe(2);
    expect(await looks()).toBe(0);
    nowMs = 31_000;
    expect(await looks()).toBe(2);
  });
});
