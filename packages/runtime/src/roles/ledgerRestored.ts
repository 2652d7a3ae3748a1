import { beginRestoredLineage, createLedgerClient } from '@millrace/ledger';
import { requireEnv } from './environment';

/**
 * Tells gateways that the ledger was restored from a backup, so that they take
 * its configuration although they run a later one.
 */
export async function runLedgerRestored(env: NodeJS.ProcessEnv): Promise<void> {
  const ledger = createLedgerClient({
    connectionString: requireEnv(env, 'MILLRACE_LEDGER_URL'),
  });
  try {
    await beginRestoredLineage(ledger);
  } finally {
    await ledger.destroy();
  }
  process.stdout.write(
    'The ledger begins a new lineage. Every gateway takes its configuration within seconds, write keys included.\n',
  );
}
