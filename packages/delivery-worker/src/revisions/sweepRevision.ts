import { partitionPath, removeUnpublished } from '@millrace/lake';
import { markRevisionSwept, readRevisionPlan } from '@millrace/ledger';
import { OperationOptions } from './types';

/**
 * Removes the files that an operation has put into the lake before it failed or
 * was cancelled. No manifest names them, and no other operation uses their
 * folders: the numbers of their revisions are not given again.
 */
export async function sweepRevision(options: OperationOptions): Promise<void> {
  const { ledger, store, operationId, eventType } = options;
  const plan = await readRevisionPlan(ledger, { operationId });
  for (const { bucket, toRevision } of plan?.revisions ?? []) {
    await removeUnpublished(store, {
      path: partitionPath(eventType, bucket, toRevision),
    });
  }
  await markRevisionSwept(ledger, { operationId });
  await options.onStep('swept', eventType);
}
