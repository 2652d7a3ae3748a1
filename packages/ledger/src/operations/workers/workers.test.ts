import { heartbeatWorker, listWorkers } from '..';
import { minutes, useLedger } from '../../__testUtils__/ledger';

jest.setTimeout(60_000);

describe('workers', () => {
  const ledger = useLedger();

  it('are alive while they beat', async () => {
    const worker = { worker: 'w', startedAt: minutes(0), pid: 5 };
    await heartbeatWorker(ledger(), worker);
    await heartbeatWorker(ledger(), { ...worker, generation: 2 });
    await expect(listWorkers(ledger())).resolves.toEqual([
      { ...worker, alive: true, generation: 2, heartbeatAt: expect.any(Date) },
    ]);
    await ledger()('workers').update({ heartbeat_at: minutes(0) });
    await expect(listWorkers(ledger())).resolves.toMatchObject([
      { alive: false },
    ]);
    await expect(
      listWorkers(ledger(), { activeSince: minutes(1) }),
    ).resolves.toEqual([]);
  });
});
