import path from 'node:path';
import { startGateway } from '@millrace/gateway';
import { createLedgerClient } from '@millrace/ledger';
import { readAccessLimits } from './accessLimits';
import { requireEnv, requirePort } from './environment';
import { runRole } from './runRole';

/** Runs one gateway until it is told to stop. */
export function runGateway(env: NodeJS.ProcessEnv): Promise<void> {
  return runRole('gateway', async logger => {
    const ledger = createLedgerClient({
      connectionString: requireEnv(env, 'MILLRACE_LEDGER_URL'),
    });
    const gatewayId = requireEnv(env, 'MILLRACE_GATEWAY_ID');
    const gateway = await startGateway({
      gatewayId,
      host: env.MILLRACE_GATEWAY_HOST ?? '127.0.0.1',
      port: requirePort(env, 'MILLRACE_GATEWAY_PORT'),
      projectId: requireEnv(env, 'MILLRACE_PROJECT_ID'),
      ledger,
      snapshotFile: path.join(
        requireEnv(env, 'MILLRACE_DATA_DIR'),
        'gateway',
        'config-snapshot.json',
      ),
      accessLimits: readAccessLimits(env),
      logger,
    });
    return {
      stop: async () => {
        await gateway.stop();
        await ledger.destroy();
      },
    };
  });
}
