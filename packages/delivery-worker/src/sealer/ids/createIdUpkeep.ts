import { mkdir, rm } from 'node:fs/promises';
import { LakeStore } from '@millrace/lake';
import {
  claimLease,
  FencingError,
  listTypesWithIdFilesToMerge,
  mergeIdsResource,
  releaseLease,
  renewLease,
} from '@millrace/ledger';
import { Knex } from 'knex';
import { Logger } from '../../logger';
import { messageOf } from '../errors';
import { mergeIdFiles, MergeStep } from './mergeIdFiles';
import { removeRetired } from './removeRetired';
import { sweepIdFiles } from './sweepIdFiles';

/*
 * The upkeep of id files
 *
 * Every sealed partition adds an id file, and every sealing looks its events up
 * in all that count. So that there are never many, small ones are merged in
 * levels, as in a log-structured merge tree: twelve of one level become one of
 * the next. A type with a bucket a minute has at most some seventy files for its
 * 31 days instead of 44,640, and each id is written at most four times.
 *
 * A merge runs beside sealing, under a lease of its own: it changes where ids
 * are and not which there are. Readers that have the list from before go on with
 * the sources, which are removed an hour later.
 */

const FAN_IN = 12;

/** Above it the gain of a merge is small, and its cost no longer is. */
const MAX_ROWS = 2_000_000;
const MAX_LEVEL = 3;

const LEASE_MS = 60_000;

/** Longer than any look-up takes. */
const RETIRED_FOR_MS = 60 * 60_000;

export interface IdUpkeepOptions {
  ledger: Knex;
  store: LakeStore;
  workerId: string;
  /** A folder of this upkeep alone. */
  tempDirectory: string;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** How many files of a level become one. Default 12. */
  fanIn?: number;
  /** How long replaced files stay. Default 1 h. */
  retiredForMs?: number;
  /** For tests: throws to end a merge after a step. */
  onStep?: (step: MergeStep) => void | Promise<void>;
}

/**
 * Gives the function to be run now and then, by any number of workers. What
 * fails with one event type is logged and tried again in the next run.
 */
export function createIdUpkeep(options: IdUpkeepOptions) {
  const { ledger, store, logger, fanIn = FAN_IN } = options;
  const bounds = { fanIn, maxRows: MAX_ROWS, maxLevel: MAX_LEVEL };

  return async (): Promise<void> => {
    for (const eventType of await listTypesWithIdFilesToMerge(ledger, bounds)) {
      try {
        await mergeType(eventType);
      } catch (error) {
        // The next holder's merge is as good.
        if (!(error instanceof FencingError)) {
          logger.warn(
            `Merging the id files of ${eventType} failed: ${messageOf(error)}`,
            { eventType },
          );
        }
      }
    }
    await removeRetired({
      ledger,
      store,
      retiredForMs: options.retiredForMs ?? RETIRED_FOR_MS,
    });
  };

  async function mergeType(eventType: string): Promise<void> {
    const resource = mergeIdsResource(eventType);
    const lease = await claimLease(ledger, {
      resource,
      holder: options.workerId,
      leaseMs: LEASE_MS,
    });
    if (!lease) {
      return;
    }
    const { fencingToken } = lease;
    const timer = setInterval(() => {
      // A failed renewal shows at the fenced commit.
      renewLease(ledger, { resource, fencingToken, leaseMs: LEASE_MS }).catch(
        () => {},
      );
    }, LEASE_MS / 3);
    timer.unref();
    const folder = options.tempDirectory;
    try {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      const work = { ledger, store, eventType, fencingToken, folder };
      const merged = await mergeIdFiles({
        ...work,
        ...bounds,
        onStep: options.onStep,
      });
      const swept = await sweepIdFiles(work);
      logger.info(`Merged id files of ${eventType}`, {
        eventType,
        merged,
        swept,
      });
    } finally {
      clearInterval(timer);
      await rm(folder, { recursive: true, force: true });
      await releaseLease(ledger, { resource, fencingToken }).catch(() => {});
    }
  }
}
