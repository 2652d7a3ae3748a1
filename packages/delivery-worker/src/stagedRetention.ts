import { unlink } from 'node:fs/promises';
import { listStagedToRemove, markStagedRemoved } from '@millrace/ledger';
import { Knex } from 'knex';
import { Clock } from './clock';

/*
 * How long staged files outlive sealing
 *
 * A sealed partition can be made again, as a new revision, from the staged files
 * it was sealed from. So they stay for a while: two days, unless configured
 * otherwise, and no more than so many bytes together, because the same disk
 * takes in the next events. What is not sealed yet is never touched here.
 *
 * First the files, then the mark in the ledger: a crash in between leaves a mark
 * missing, and the next run finds the files gone.
 */

const PARTITIONS_PER_ROUND = 200;

/** @internal */
export interface StagedRetention {
  /** How long after sealing. */
  retentionMs: number;
  /** The staged files of all sealed partitions together, as they lie on disk. */
  maxBytes: number;
}

/**
 * Removes the staged files that are no longer kept. Any number of workers may
 * do so.
 *
 * @returns of how many partitions
 * @internal
 */
export async function removeOldStaged(
  options: StagedRetention & { ledger: Knex; clock: Clock },
): Promise<number> {
  const { ledger, clock, retentionMs, maxBytes } = options;
  let removed = 0;
  for (;;) {
    const old = await listStagedToRemove(ledger, {
      now: clock(),
      retentionMs,
      maxBytes,
      limit: PARTITIONS_PER_ROUND,
    });
    for (const { paths } of old) {
      await Promise.all(paths.map(path => unlink(path).catch(ignoreMissing)));
    }
    await markStagedRemoved(ledger, {
      partitionIds: old.map(({ partitionId }) => partitionId),
    });
    removed += old.length;
    if (old.length < PARTITIONS_PER_ROUND) {
      return removed;
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') {
    throw error;
  }
}
