import path from 'node:path';
import { startBroker } from '@millrace/pubsub-local';
import { requireEnv, requirePort } from './environment';
import { runRole } from './runRole';

/** Runs the local broker until it is told to stop. */
export function runBroker(env: NodeJS.ProcessEnv): Promise<void> {
  return runRole('broker', logger =>
    startBroker({
      dataDir: path.join(requireEnv(env, 'MILLRACE_DATA_DIR'), 'broker'),
      port: requirePort(env, 'MILLRACE_BROKER_PORT'),
      logger,
    }),
  );
}
