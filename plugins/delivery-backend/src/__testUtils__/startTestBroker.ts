import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { mockServices } from '@backstage/backend-test-utils';
import { type RunningBroker, startBroker } from '@millrace/pubsub-local';
import { createPubSub } from '../reconciler';

export const PROJECT_ID = 'millrace-test';

/** A real broker with a folder of its own, and the official client to it. */
export async function startTestBroker() {
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-broker-'));
  const dataDir = path.join(dir, 'broker');
  const open = (port: number) =>
    startBroker({ dataDir, port, logger: mockServices.logger.mock() });
  let broker: RunningBroker | undefined = await open(0);
  const { port } = broker;
  const address = `127.0.0.1:${port}`;
  const pubsub = createPubSub({
    projectId: PROJECT_ID,
    brokerAddress: address,
  });
  return {
    address,
    pubsub,
    async halt() {
      await broker?.stop();
      broker = undefined;
    },
    async resume() {
      broker = await open(port);
    },
    /** Everything it had is gone, as after the loss of its disk. */
    async wipe() {
      await broker?.stop();
      await fs.rm(dataDir, { recursive: true });
      broker = await open(port);
    },
    async stop() {
      await pubsub.close();
      await broker?.stop();
      await fs.rm(dir, { recursive: true });
    },
  };
}

export type TestBroker = Awaited<ReturnType<typeof startTestBroker>>;
