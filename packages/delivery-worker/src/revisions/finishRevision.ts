import path from 'node:path';
import { DuckdbSession, LakeStore, publishManifest } from '@millrace/lake';
import {
  commitRevision,
  LedgerError,
  readPreparedRevision,
} from '@millrace/ledger';
import { Knex } from 'knex';
import { findReplacedIds } from './replacedIds';
import { ReviserStep } from './steps';

/** A merge that commits in between is rare, twice in a row next to impossible. */
const MAX_TRIES = 5;

export interface FinishRevisionOptions {
  ledger: Knex;
  store: LakeStore;
  eventType: string;
  /** Of the lease on `sealResource`. */
  fencingToken: bigint;
  openDuckdb(): Promise<DuckdbSession>;
  /** For copies of id files, where the lake has no local ones. */
  idFolder: string;
  onStep?: (step: ReviserStep, eventType: string) => void | Promise<void>;
}

/**
 * Publishes and commits the operation of an event type that is prepared, if there
 * is one. Whoever has taken the lease of sealing does this first: until it is done
 * no other partition of the type can be published.
 *
 * It needs the lake and the ledger only. Every step may be repeated: manifests are
 * put byte for byte as the ledger has them, and the commit is one transaction. A
 * crash leaves, at worst, manifests of revisions that the ledger does not call
 * live yet; who reads by the newest manifest sees those, and until the last one
 * is put perhaps new ones beside old ones.
 *
 * @returns whether there was one
 */
export async function finishRevision(
  options: FinishRevisionOptions,
): Promise<boolean> {
  const { ledger, store, eventType, fencingToken, onStep } = options;
  const prepared = await readPreparedRevision(ledger, { eventType });
  if (!prepared) {
    return false;
  }
  const { operationId, revisions } = prepared;
  for (const { manifestPath, manifest } of revisions) {
    await publishManifest(store, {
      path: path.posix.dirname(manifestPath),
      bytes: Buffer.from(manifest, 'utf8'),
    });
    await onStep?.('published', eventType);
  }
  const duckdb = await options.openDuckdb();
  try {
    for (let tries = 1; ; tries++) {
      try {
        await commitRevision(ledger, {
          operationId,
          fencingToken,
          replacedIds: await findReplacedIds({
            ...options,
            duckdb,
            bucketStarts: revisions.map(({ bucketStart }) => bucketStart),
          }),
        });
        break;
      } catch (error) {
        if (!isMerged(error) || tries === MAX_TRIES) {
          throw error;
        }
      }
    }
  } finally {
    duckdb.close();
  }
  await onStep?.('committed', eventType);
  return true;
}

function isMerged(error: unknown): boolean {
  return error instanceof LedgerError && error.code === 'id_files_changed';
}
