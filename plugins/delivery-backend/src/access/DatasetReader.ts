import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { NotFoundError } from '@backstage/errors';
import type { LakeLocation, LakeStore, LocalCopies } from '@millrace/lake';
import {
  listSealedPartitions,
  type ListSealedPartitionsOptions,
  type SealedPartitionRecord,
} from '@millrace/ledger';
import type {
  DatasetFile,
  DatasetPartition,
  DatasetPartitionDetail,
  DatasetPartitionList,
  DatasetPartitionState,
  SignedManifest,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { formatDatasetCursor } from './cursor';
import type { SealedWatch } from './SealedWatch';
import type { ManifestSigner } from './signing';

/** Names one revision of a bucket; without a number the current one. */
export interface RevisionRequest {
  eventType: string;
  bucketStart: Date;
  revision?: number;
}

/**
 * What programs read by: sealed partitions, their signed manifests and their
 * files. It checks no permissions.
 */
export class DatasetReader {
  readonly #ledger: Knex;
  readonly #lake: LakeStore;
  readonly #location: LakeLocation;
  readonly #copies: LocalCopies;
  readonly #watch: SealedWatch;
  readonly #signer: ManifestSigner;

  constructor(options: {
    ledger: Knex;
    lake: LakeStore;
    location: LakeLocation;
    copies: LocalCopies;
    watch: SealedWatch;
    signer: ManifestSigner;
  }) {
    this.#ledger = options.ledger;
    this.#lake = options.lake;
    this.#location = options.location;
    this.#copies = options.copies;
    this.#watch = options.watch;
    this.#signer = options.signer;
  }

  async list(
    request: ListSealedPartitionsOptions,
  ): Promise<DatasetPartitionList> {
    // One more than asked for tells whether there is a next page.
    const records = await listSealedPartitions(this.#ledger, {
      ...request,
      limit: request.limit + 1,
    });
    const page = records.slice(0, request.limit);
    return {
      items: page.map(toDatasetPartition),
      nextCursor:
        records.length > request.limit
          ? formatDatasetCursor(page[page.length - 1])
          : undefined,
    };
  }

  /** Whether a bucket is sealed, waiting for it as long as is asked. */
  async state(
    request: RevisionRequest & { waitMs: number; signal: AbortSignal },
  ): Promise<DatasetPartitionState> {
    const { bucketStart } = request;
    const record =
      request.revision === undefined
        ? await this.#watch.find(request, request)
        : await this.#findRevision(request);
    return {
      bucketStart: bucketStart.toISOString(),
      isSealed: record !== undefined,
      partition: record && this.#toDetail(record),
    };
  }

  /**
   * The manifest of a revision as it lies in the lake, signed. It is signed only
   * if it is, byte for byte, the one that the ledger recorded when the partition
   * was sealed: a lake that somebody has changed gets no signature.
   *
   * @throws NotFoundError, NotImplementedError
   */
  async signedManifest(request: RevisionRequest): Promise<SignedManifest> {
    const record = await this.#get(request);
    if (!record.manifestPath) {
      throw new NotFoundError(
        `Nothing was written for ${nameOf(request)}, so it has no manifest`,
      );
    }
    const bytes = await this.#lake.get(record.manifestPath);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== record.manifestSha256) {
      throw new Error(
        `The manifest ${record.manifestPath} in the lake is not the one that was sealed`,
      );
    }
    return this.#signer.sign(bytes);
  }

  /**
   * Runs with a local file that has the bytes of a file of a revision.
   *
   * @throws NotFoundError
   */
  async withFile(
    request: RevisionRequest & { file: string },
    run: (file: string, described: DatasetFile) => Promise<void>,
  ): Promise<void> {
    const { files } = this.#toDetail(await this.#get(request));
    const described = files.find(({ name }) => name === request.file);
    if (!described) {
      throw new NotFoundError(
        `${nameOf(request)} has no file of that name in this revision`,
      );
    }
    await this.#copies.use([described], ([file]) => run(file, described));
  }

  async #get(request: RevisionRequest): Promise<SealedPartitionRecord> {
    const record =
      request.revision === undefined
        ? await this.#watch.find(request, {
            waitMs: 0,
            signal: new AbortController().signal,
          })
        : await this.#findRevision(request);
    if (!record) {
      throw new NotFoundError(
        `${nameOf(request)} is not sealed${
          request.revision === undefined ? '' : ' in that revision'
        }`,
      );
    }
    return record;
  }

  async #findRevision(
    request: RevisionRequest,
  ): Promise<SealedPartitionRecord | undefined> {
    const { eventType, bucketStart, revision } = request;
    const [record] = await listSealedPartitions(this.#ledger, {
      eventType,
      revision,
      from: bucketStart,
      to: new Date(bucketStart.getTime() + 1),
      includeSuperseded: true,
      limit: 1,
    });
    return record;
  }

  #toDetail(record: SealedPartitionRecord): DatasetPartitionDetail {
    const { manifestPath } = record;
    const folder = manifestPath && posix.dirname(manifestPath);
    return {
      ...toDatasetPartition(record),
      manifestKey: manifestPath,
      files: folder
        ? record.files.map(file => {
            const key = `${folder}/${file.name}`;
            return { ...file, key, uri: this.#uriOf(key) };
          })
        : [],
    };
  }

  #uriOf(key: string): string | undefined {
    if (this.#location.kind !== 'gcs') {
      return undefined;
    }
    const { bucket, prefix } = this.#location;
    return `gs://${[bucket, prefix, key].filter(Boolean).join('/')}`;
  }
}

function toDatasetPartition(record: SealedPartitionRecord): DatasetPartition {
  return {
    bucketStart: record.bucketStart.toISOString(),
    bucketEnd: record.bucketEnd.toISOString(),
    revision: record.revision,
    isCurrent: record.isCurrent,
    sealedAt: record.sealedAt?.toISOString() ?? '',
    rows: record.delivered,
    bytes: record.bytes,
    schemaVersion: record.schemaVersion,
    manifestSha256: record.manifestSha256,
  };
}

function nameOf(request: RevisionRequest): string {
  return `The bucket ${request.bucketStart.toISOString()} of '${
    request.eventType
  }'`;
}
