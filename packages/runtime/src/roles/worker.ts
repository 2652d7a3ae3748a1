import { startWorker } from '@millrace/delivery-worker';
import { createLedgerClient } from '@millrace/ledger';
import { readAvro } from './avro';
import { readBigQuery } from './bigQuery';
import {
  optionalDays,
  optionalMebibytes,
  optionalNumber,
  optionalObjectives,
  requireEnv,
} from './environment';
import { runRole } from './runRole';

const HOUR_MS = 60 * 60_000;

/** Beyond it the ledger no longer knows which files belong to a partition. */
const MAX_STAGED_HOURS = 30 * 24;

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
      avro: readAvro(env),
      audit: {
        cycleMs: optionalDays(env, 'MILLRACE_AUDIT_CYCLE_DAYS'),
        readBytesPerSecond: optionalMebibytes(
          env,
          'MILLRACE_AUDIT_READ_MIB_PER_SECOND',
        ),
      },
      latenessObjectivesMs: optionalObjectives(env),
      stagedRetentionMs: hours(env, 'MILLRACE_STAGED_RETENTION_HOURS'),
      stagedMaxBytes: optionalNumber(
        env,
        'MILLRACE_STAGED_MAX_BYTES',
        Number.MAX_SAFE_INTEGER,
      ),
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

function hours(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const value = optionalNumber(env, name, MAX_STAGED_HOURS);
  return value === undefined ? undefined : value * HOUR_MS;
}
