import { LakeStore, mergedIdFileToken, mergedIdsFolder } from '@millrace/lake';
import { listIdFilePaths } from '@millrace/ledger';
import { Knex } from 'knex';

/**
 * Removes merged id files that the ledger does not know: merges that died before
 * their commit have left them.
 *
 * A file that the ledger does not know yet may be about to be committed, by the
 * one who holds the lease now, if that is no longer us. Its name says under which
 * fencing token it was made: only those of our own token or an earlier one are
 * removed, because under an earlier one nothing can be committed any more. To be
 * called while no merge of ours is under way.
 *
 * @returns how many it removed
 */
export async function sweepIdFiles(options: {
  ledger: Knex;
  store: LakeStore;
  eventType: string;
  fencingToken: bigint;
}): Promise<number> {
  const { ledger, store, eventType, fencingToken } = options;
  // In this order: what is put after the first look is not in it.
  const keys = await store.list(mergedIdsFolder(eventType));
  const known = await listIdFilePaths(ledger, { eventType });
  let removed = 0;
  for (const key of keys) {
    const token = mergedIdFileToken(key);
    if (token !== undefined && token <= fencingToken && !known.has(key)) {
      await store.delete(key);
      removed += 1;
    }
  }
  return removed;
}
