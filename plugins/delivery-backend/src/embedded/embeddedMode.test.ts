import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { DeliveryStatus } from '@millrace/plugin-delivery-common';
import { childScripts, isAlive } from '../__testUtils__/childProcesses';
import { startDelivery } from '../__testUtils__/startDelivery';
import { until } from '../__testUtils__/until';

jest.setTimeout(60_000);

describe('embedded mode', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it('starts the data plane with the portal, and leaves nothing behind', async () => {
    const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-embedded-'));
    const script = path.join(dir, 'role.js');
    await fs.writeFile(script, childScripts.good);
    const delivery = await startDelivery({
      databases,
      eventTypes: [],
      embeddedCommand: [process.execPath, script],
    });
    let status: DeliveryStatus | undefined;
    try {
      await until(async () => {
        ({ body: status } = await delivery.api('get', '/status'));
        return Boolean(
          status?.processes.every(({ state }) => state === 'running'),
        );
      });
    } finally {
      await delivery.stop();
      await fs.rm(dir, { recursive: true });
    }
    expect(status).toMatchObject({
      mode: 'embedded',
      processes: [
        { role: 'broker', restarts: 0, pid: expect.any(Number) },
        { role: 'gateway', restarts: 0, pid: expect.any(Number) },
        { role: 'worker', restarts: 0, pid: expect.any(Number) },
      ],
    });
    const pids = status?.processes.map(({ pid }) => Number(pid)) ?? [];
    expect(pids.filter(isAlive)).toEqual([]);
  });
});
