import {
  approveRevision,
  getRevision,
  requestRevision,
  RevisionKind,
  RevisionRecord,
} from '@millrace/ledger';
import { bucketAt, Workshop } from '../../sealer/__testUtils__/workshop';
import { ReviserOptions, ReviserRun } from '../types';

/*
 * What people and workers do about an operation, in a workshop.
 */

export const TYPE = 'shop.order';
export const REASON = 'A disk has lost some of its files';

/** The id of the n-th operation of a test. */
export function operation(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** One run of a reviser of its own. */
export async function revise(
  shop: Workshop,
  overrides: Partial<ReviserOptions> = {},
): Promise<ReviserRun> {
  const reviser = shop.reviser(overrides);
  try {
    return await reviser.runOnce();
  } finally {
    await reviser.close();
  }
}

export async function ask(
  shop: Workshop,
  kind: RevisionKind,
  buckets: number[],
  operationId: string = operation(1),
): Promise<RevisionRecord> {
  return requestRevision(shop.db, {
    operationId,
    eventType: TYPE,
    kind,
    buckets: buckets.map(n => bucketAt(n).start),
    requestedBy: 'user:default/ada',
    now: shop.now,
  });
}

export async function approve(
  shop: Workshop,
  operationId: string = operation(1),
): Promise<void> {
  await approveRevision(shop.db, {
    operationId,
    approvedBy: 'user:default/bob',
    reason: REASON,
    now: shop.now,
  });
}

export async function read(
  shop: Workshop,
  operationId: string = operation(1),
): Promise<RevisionRecord> {
  const found = await getRevision(shop.db, { operationId });
  if (!found) {
    throw new Error(`There is no operation ${operationId}`);
  }
  return found;
}

/** Lets whatever was postponed be tried at once. */
export async function noMoreWaiting(shop: Workshop): Promise<void> {
  await shop.db('revision_operations').update({ retry_at: null });
}

/** From the question to live revisions. */
export async function make(
  shop: Workshop,
  kind: RevisionKind,
  buckets: number[],
  operationId: string = operation(1),
): Promise<RevisionRecord> {
  await ask(shop, kind, buckets, operationId);
  expect(await revise(shop)).toMatchObject({ done: 1, failed: 0 });
  await approve(shop, operationId);
  expect(await revise(shop)).toMatchObject({ done: 1, failed: 0 });
  const done = await read(shop, operationId);
  expect(done).toMatchObject({ state: 'done', problem: undefined });
  return done;
}
