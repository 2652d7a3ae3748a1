import {
  beginAttempt,
  PreviewedRevision,
  readRevisionPlan,
  recordPreview,
} from '@millrace/ledger';
import { sealRevisions } from './sealRevisions';
import { OperationOptions } from './types';

/**
 * Tries the revisions of an operation out: they are really sealed, into local
 * files, counted and thrown away.
 *
 * Guarantees: nothing of it is in the lake, and the ledger holds nothing but the
 * counts. It runs beside the sealing of the type, whose lease it does not take. A
 * crash leaves local files, which go with the next start; another worker begins
 * anew.
 *
 * @returns whether there is a preview now
 * @throws RevisionError, SealerError
 */
export async function previewRevision(
  options: OperationOptions,
): Promise<boolean> {
  const { ledger, operationId, eventType, lease, onStep } = options;
  const { resource, fencingToken } = lease;
  const mayBegin = await beginAttempt(ledger, {
    operationId,
    task: 'preview',
    resource,
    fencingToken,
    maxAttempts: options.maxAttempts,
  });
  const plan = mayBegin && (await readRevisionPlan(ledger, { operationId }));
  if (!plan) {
    return false;
  }
  const revisions: PreviewedRevision[] = [];
  await sealRevisions({
    ...options,
    plan,
    beforeEach: done =>
      options.progress('sealing', done, plan.revisions.length),
    onMade: async ({ revision, counts, digest }) => {
      revisions.push({ bucketStart: revision.bucket.start, counts, digest });
      await onStep('sealed', eventType);
    },
  });
  await recordPreview(ledger, {
    operationId,
    eventType,
    fencingToken,
    revisions,
  });
  await onStep('previewed', eventType);
  return true;
}
