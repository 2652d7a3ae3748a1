import { TestDatabases } from '@backstage/backend-test-utils';
import {
  createWriteKey,
  heartbeatGateway,
  heartbeatWorker,
  listRollouts,
  migrateLedger,
  publishConfigSnapshot,
  revokeWriteKey,
  type SnapshotEventType,
} from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { eventType } from '../__testUtils__/eventType';
import { RolloutKeeper } from './RolloutKeeper';
import { RolloutReader } from './RolloutReader';

jest.setTimeout(60_000);

const STARTED_AT = new Date();

function line(
  name: string,
  changes: Partial<SnapshotEventType> = {},
): SnapshotEventType {
  return {
    name,
    tier: 'normal',
    version: 1,
    schema: { type: 'record', name: 'Event', fields: [] },
    topic: `event.${name}`,
    subscription: `event.${name}.delivery`,
    refusedTopic: `refused.${name}`,
    refusedSubscription: `refused.${name}.delivery`,
    ...changes,
  };
}

describe('the history of rollouts', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let ledger: Knex;
  let declared: EventType[];
  let keeper: RolloutKeeper;
  let reader: RolloutReader;

  async function start() {
    ledger = await databases.init('POSTGRES_18');
    await migrateLedger(ledger);
    declared = [
      { ...eventType('shop.order'), updatedBy: 'user:default/owner' },
      { ...eventType('shop.ship'), updatedBy: 'user:default/shipper' },
    ];
    keeper = new RolloutKeeper({ ledger });
    reader = new RolloutReader({
      ledger,
      reconciler: {
        generation: () => undefined,
        status: () => ({ failedRounds: 0, failing: [] }),
      },
      orphanGraceMs: 1000,
    });
  }

  async function publish(...eventTypes: SnapshotEventType[]) {
    const { generation } = await publishConfigSnapshot(ledger, {
      bucketSeconds: 60,
      eventTypes,
    });
    return generation;
  }

  const beatGateway = (gateway: string, generation: number) =>
    heartbeatGateway(ledger, {
      gateway,
      epoch: 'e',
      startedAt: STARTED_AT,
      url: 'http://localhost',
      pid: 1,
      leaseMs: 60_000,
      generation,
    });

  const beatWorker = (generation: number) =>
    heartbeatWorker(ledger, {
      worker: 'w',
      startedAt: STARTED_AT,
      pid: 1,
      generation,
    });

  it('says what each generation changed and who had asked for it', async () => {
    await start();
    await publish(line('shop.order'), line('shop.ship'));
    await keeper.keep(declared);
    await publish(
      line('shop.order', {
        version: 2,
        tier: 'critical',
        deprecation: {
          since: '2026-11-20T10:00:00.000Z',
          endsOn: '2026-12-31',
        },
      }),
    );
    // Somebody changes it again, before the generation is looked at.
    declared[1] = { ...declared[1], updatedAt: '2999-01-01T00:00:00.000Z' };
    await keeper.keep(declared);
    const { keyId } = await createWriteKey(ledger, {
      name: 'checkout',
      createdBy: 'user:default/developer',
    });
    await keeper.keep(declared);
    await revokeWriteKey(ledger, { keyId });
    await keeper.keep(declared);
    await keeper.keep(declared);

    const history = await reader.read({ limit: 10 });
    expect(
      history.items.map(({ generation, changes }) => [generation, changes]),
    ).toEqual([
      [4, [{ what: 'Write key checkout ended' }]],
      [
        3,
        [
          {
            what: 'Write key checkout was added',
            actor: 'user:default/developer',
          },
        ],
      ],
      [
        2,
        [
          {
            eventType: 'shop.order',
            what: 'Version 2, before 1; tier critical, before normal; deprecated, to be sent until 2026-12-31',
            actor: 'user:default/owner',
          },
          { eventType: 'shop.ship', what: 'Is not accepted any more' },
        ],
      ],
      [
        1,
        [
          {
            eventType: 'shop.order',
            what: 'Is accepted, at version 1',
            actor: 'user:default/owner',
          },
          {
            eventType: 'shop.ship',
            what: 'Is accepted, at version 1',
            actor: 'user:default/shipper',
          },
        ],
      ],
    ]);
    expect(history.newest).toMatchObject({ generation: 4, eventTypes: 1 });
  });

  it('misses no generation, whoever published it and whenever it is looked at', async () => {
    await start();
    const generations: number[] = [];
    for (let version = 1; version <= 25; version += 1) {
      generations.push(await publish(line('shop.order', { version })));
    }
    await keeper.keep(declared);
    await keeper.keep(declared);
    await Promise.all([keeper.keep(declared), keeper.keep(declared)]);
    const kept = await listRollouts(ledger, { limit: 100 });
    expect(kept.map(({ generation }) => generation).reverse()).toEqual(
      generations,
    );
  });

  it('says since when everything runs a generation, and what lags', async () => {
    await start();
    await publish(line('shop.order'));
    await beatGateway('one', 1);
    await beatGateway('two', 1);
    await beatWorker(1);
    await keeper.keep(declared);
    const [first] = (await reader.read({ limit: 1 })).items;
    expect(first.everywhereAt).toEqual(expect.any(String));

    await publish(line('shop.order', { version: 2 }));
    await beatGateway('one', 2);
    await beatWorker(2);
    await keeper.keep(declared);
    const lagging = await reader.read({ limit: 1 });
    expect(lagging.items[0].everywhereAt).toBeUndefined();
    expect(
      lagging.components.map(({ kind, name, generation, behind }) => [
        kind,
        name,
        generation,
        behind,
      ]),
    ).toEqual([
      ['portal', 'reconciler', undefined, undefined],
      ['gateway', 'one', 2, 0],
      ['gateway', 'two', 1, 1],
      ['worker', 'w', 2, 0],
    ]);

    await beatGateway('two', 2);
    const heardAt = (await reader.read({ limit: 1 })).components.find(
      ({ name }) => name === 'two',
    )?.since;
    await keeper.keep(declared);
    const [second] = (await reader.read({ limit: 1 })).items;
    // The last one to run it, and not when somebody looked.
    expect(second.everywhereAt).toBe(heardAt);

    // One that starts behind takes nothing back.
    await beatGateway('three', 1);
    await keeper.keep(declared);
    expect((await reader.read({ limit: 1 })).items[0].everywhereAt).toBe(
      heardAt,
    );
  });

  it('keeps since when a part runs its generation while it goes on beating', async () => {
    await start();
    await publish(line('shop.order'));
    await beatGateway('one', 1);
    const since = async () =>
      (await reader.read({ limit: 1 })).components[1].since;
    const first = await since();
    await beatGateway('one', 1);
    expect(await since()).toBe(first);
  });

  it('is read in pages', async () => {
    await start();
    for (let version = 1; version <= 5; version += 1) {
      await publish(line('shop.order', { version }));
    }
    await keeper.keep(declared);
    const seen: number[] = [];
    let before: number | undefined;
    do {
      const page = await reader.read({ before, limit: 2 });
      seen.push(...page.items.map(({ generation }) => generation));
      before = page.nextBefore;
    } while (before !== undefined);
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });
});
