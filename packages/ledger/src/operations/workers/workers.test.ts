import { randomUUID } from 'node:crypto';
import {
  claimConsumption,
  heartbeatWorker,
  joinConsumers,
  listWorkers,
  renewConsumption,
} from '..';
import { minutes, provision, useLedger } from '../../__testUtils__/ledger';

jest.setTimeout(60_000);

describe('workers', () => {
  const ledger = useLedger();

  it('are alive while they beat', async () => {
    const worker = { worker: 'w', startedAt: minutes(0), pid: 5 };
    await heartbeatWorker(ledger(), worker);
    await heartbeatWorker(ledger(), { ...worker, generation: 2 });
    await expect(listWorkers(ledger())).resolves.toEqual([
      {
        ...worker,
        alive: true,
        generation: 2,
        heartbeatAt: expect.any(Date),
        eventTypes: 0,
      },
    ]);
    await ledger()('workers').update({ heartbeat_at: minutes(0) });
    await expect(listWorkers(ledger())).resolves.toMatchObject([
      { alive: false },
    ]);
    await expect(
      listWorkers(ledger(), { activeSince: minutes(1) }),
    ).resolves.toEqual([]);
  });

  it('consume the event types they hold, as long as they live', async () => {
    await provision(ledger(), { a: 'normal', b: 'low', c: 'low' });
    const session = randomUUID();
    await heartbeatWorker(ledger(), {
      worker: 'w',
      startedAt: minutes(0),
      pid: 5,
    });
    await joinConsumers(ledger(), {
      worker: 'w',
      session,
      leaseMs: 60_000,
      replace: true,
    });
    await claimConsumption(ledger(), {
      session,
      room: { critical: 0, normal: 1, low: 1 },
    });
    await expect(listWorkers(ledger())).resolves.toMatchObject([
      { eventTypes: 2 },
    ]);
    await renewConsumption(ledger(), { session, leaseMs: -1 });
    await expect(listWorkers(ledger())).resolves.toMatchObject([
      { eventTypes: 0 },
    ]);
  });
});
