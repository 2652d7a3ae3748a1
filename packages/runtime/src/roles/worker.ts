import { startWorker } from '@millrace/delivery-worker';
import { createLedgerClient } from '@millrace/ledger';
import { readBigQuery } from './bigQuery';
import {
  optionalDays,
  optionalMebibytes,
  optionalObjectives,
  requireEnv,
} from './environment';
import { runRole } from './runRole';

/** Runs one delivery worker until it is told to stop. */
export function runWorker(env: NodeJS.ProcessEnv): Promise<void> {
  return runRole('worker', async logger => {
    const ledger = createLedgerClient({
      connectionString: requireEnv(env, 'MILLRACE_LEDGER_URL'),
    });
    const worker = await startWorker({
      workerId: requireEnv(env, 'MILLRACE_WORKER_ID'),
      projectId: requireEnv(env, 'MILLRACE_PROJECT_ID'),
      ledger,
      lakeRoot: requireEnv(env, 'MILLRACE_LAKE_ROOT'),
      stagingDir: requireEnv(env, 'MILLRACE_STAGING_DIR'),
      refusedRetentionMs: optionalDays(env, 'MILLRACE_REFUSED_RETENTION_DAYS'),
      bigQuery: readBigQuery(env),
      audit: {
        cycleMs: optionalDays(env, 'MILLRACE_AUDIT_CYCLE_DAYS'),
        readBytesPerSecond: optionalMebibytes(
          env,
          'MILLRACE_AUDIT_READ_MIB_PER_SECOND',
        ),
      },
      latenessObjectivesMs: optionalObjectives(env),
      logger,
    });
    return {
      stop: async () => {
        await worker.stop();
        await ledger.destroy();
      },
    };
  });
}
