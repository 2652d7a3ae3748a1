import { LakeStore } from '@millrace/lake';
import { forgetIdFiles, listRetiredIdFiles } from '@millrace/ledger';
import { Knex } from 'knex';

const FILES_PER_ROUND = 500;

/**
 * Removes id files that have not counted for a while, first from the lake and
 * then from the ledger: a crash in between is made good by the next run.
 */
export async function removeRetired(options: {
  ledger: Knex;
  store: LakeStore;
  retiredForMs: number;
}): Promise<void> {
  const { ledger, store, retiredForMs } = options;
  for (;;) {
    const retired = await listRetiredIdFiles(ledger, {
      retiredForMs,
      limit: FILES_PER_ROUND,
    });
    for (const { path } of retired) {
      await store.delete(path);
    }
    if (retired.length > 0) {
      await forgetIdFiles(ledger, {
        idFileIds: retired.map(({ idFileId }) => idFileId),
      });
    }
    if (retired.length < FILES_PER_ROUND) {
      return;
    }
  }
}
