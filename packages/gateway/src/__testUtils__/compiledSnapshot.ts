import type { ConfigSnapshot } from '@millrace/ledger';
import { compileSnapshot, GatewaySnapshot } from '../snapshot/compileSnapshot';
import { createSnapshot } from './fixtures';

/** A snapshot as intake uses it, compiled in one go. */
export function compiledSnapshot(
  snapshot: ConfigSnapshot = createSnapshot(),
): GatewaySnapshot {
  const steps = compileSnapshot(snapshot, undefined, (_name, error) => {
    throw error;
  });
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return step.value;
    }
  }
}
