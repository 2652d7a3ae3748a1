import { createHash } from 'node:crypto';
import {
  LakeError,
  type LakeStore,
  type Manifest,
  parseManifest,
} from '@millrace/lake';
import { type PartitionKeySums, readPartitionKeySums } from '@millrace/ledger';
import type { KeySumsVerdict } from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';

/** A revision and where its manifest lies. */
interface SealedRevision {
  partitionId: string;
  manifestPath?: string;
  manifestSha256?: string;
}

/** The manifest, if it is the one that was sealed; else why there is none. */
type Found =
  | { manifest: Manifest }
  | { problem: 'none' | 'missing' | 'changed' | 'unreadable' };

const FATES = ['accepted', 'delivered', 'duplicates', 'refused'] as const;

/**
 * What the manifests in the lake say of revisions. A manifest counts only if it
 * is, byte for byte, the one that the ledger recorded when it was sealed. That
 * the lake does not answer is no reason to hide what the ledger knows, so it
 * is told and not thrown.
 */
export class SealedManifests {
  readonly #ledger: Knex;
  readonly #lake: LakeStore;

  constructor(options: { ledger: Knex; lake: LakeStore }) {
    this.#ledger = options.ledger;
    this.#lake = options.lake;
  }

  /** Why a revision was made; `undefined` when that cannot be read. */
  async whyOf(revision: SealedRevision): Promise<string | undefined> {
    const found = await this.#find(revision);
    return 'manifest' in found ? found.manifest.why : undefined;
  }

  /** Compares the multiset hashes in the ledger with those in the manifest. */
  async verdictOf(revision: SealedRevision): Promise<KeySumsVerdict> {
    const sums = await readPartitionKeySums(this.#ledger, revision);
    if (!sums) {
      return {
        verdict: 'not-recorded',
        message:
          'The ledger has no hashes of its event keys: it is empty, or was sealed before books were kept',
      };
    }
    if (!addUp(sums)) {
      return {
        ...sums,
        verdict: 'differ',
        message:
          'In the ledger the hashes of delivered, duplicates and refused do not add up to that of accepted',
      };
    }
    return { ...sums, ...compare(sums, await this.#find(revision)) };
  }

  async #find(revision: SealedRevision): Promise<Found> {
    const { manifestPath, manifestSha256 } = revision;
    if (!manifestPath) {
      return { problem: 'none' };
    }
    try {
      const bytes = await this.#lake.get(manifestPath);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return sha256 === manifestSha256
        ? { manifest: parseManifest(bytes) }
        : { problem: 'changed' };
    } catch (error) {
      const isMissing =
        error instanceof LakeError && error.code === 'not_found';
      return { problem: isMissing ? 'missing' : 'unreadable' };
    }
  }
}

function addUp(sums: PartitionKeySums): boolean {
  const { accepted, delivered, duplicates, refused } = sums;
  const sum = BigInt(delivered) + BigInt(duplicates) + BigInt(refused);
  return BigInt.asUintN(64, sum) === BigInt(accepted);
}

function compare(
  sums: PartitionKeySums,
  found: Found,
): Pick<KeySumsVerdict, 'verdict' | 'message'> {
  if ('problem' in found) {
    return {
      none: {
        verdict: 'not-recorded' as const,
        message: 'Nothing was written, so there is no manifest to compare with',
      },
      missing: {
        verdict: 'unknown' as const,
        message: 'Its manifest is not in the lake',
      },
      changed: {
        verdict: 'differ' as const,
        message: 'The manifest in the lake is not the one that was sealed',
      },
      unreadable: {
        verdict: 'unknown' as const,
        message: 'The lake does not answer; its manifest was not compared',
      },
    }[found.problem];
  }
  const { keySums } = found.manifest;
  if (!keySums) {
    return {
      verdict: 'not-recorded',
      message: 'Its manifest is from before hashes of event keys were kept',
    };
  }
  return FATES.every(fate => keySums[fate] === sums[fate])
    ? {
        verdict: 'agree',
        message:
          'The hashes of the event keys add up, and manifest and ledger have the same ones',
      }
    : {
        verdict: 'differ',
        message: 'Manifest and ledger have other hashes of the event keys',
      };
}
