import { NotFoundError } from '@backstage/errors';
import {
  createDuckdb,
  type Duckdb,
  type LakeStore,
  type LocalCopies,
  partitionPath,
  readRows,
} from '@millrace/lake';
import {
  getPartition,
  listPartitionRevisions,
  listPartitions,
  listSinkLoads,
  type PartitionDetailRecord,
} from '@millrace/ledger';
import type {
  PartitionDetail,
  PartitionList,
  PartitionRevision,
  PartitionRows,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { SealedManifests } from './SealedManifests';
import {
  toPartitionDetail,
  toPartitionSummary,
  toRevision,
} from './toPartition';

/** A page of rows is small; a scan that is not must not starve the portal. */
const DUCKDB_OPTIONS = { memoryLimit: '512MB', threads: 1 };

/** Names a revision of a bucket; without a number the one readers see. */
export interface PartitionRequest {
  eventType: string;
  bucketStart: Date;
  revision?: number;
}

/**
 * Reads partitions: what the ledger says about them, and their rows in the
 * lake. It checks no permissions.
 */
export class PartitionReader {
  readonly #ledger: Knex;
  readonly #lake: LakeStore;
  readonly #copies: LocalCopies;
  readonly #manifests: SealedManifests;
  /** One for all readers, so that many of them share one memory limit. */
  #duckdb: Promise<Duckdb> | undefined;

  constructor(options: { ledger: Knex; lake: LakeStore; copies: LocalCopies }) {
    this.#ledger = options.ledger;
    this.#lake = options.lake;
    this.#copies = options.copies;
    this.#manifests = new SealedManifests(options);
  }

  async list(request: {
    eventType: string;
    before?: Date;
    limit: number;
    includeEmpty: boolean;
  }): Promise<PartitionList> {
    // One more than asked for tells whether there is a next page.
    const records = await listPartitions(this.#ledger, {
      ...request,
      limit: request.limit + 1,
    });
    const items = records.slice(0, request.limit).map(toPartitionSummary);
    return {
      items,
      nextBefore:
        records.length > request.limit
          ? items[items.length - 1].bucketStart
          : undefined,
    };
  }

  /**
   * A revision of a bucket with its files, its proof, and the other revisions.
   *
   * @param request - `objectiveMs`: of the tier of the event type
   * @throws NotFoundError when there is no partition of that bucket
   */
  async get(
    request: PartitionRequest & { objectiveMs: number },
  ): Promise<PartitionDetail> {
    const record = await this.#find(request);
    const [sinkLoads, revisions, keySums] = await Promise.all([
      listSinkLoads(this.#ledger, { partitionIds: [record.partitionId] }),
      this.#listRevisions(request),
      record.state === 'sealed' ? this.#manifests.verdictOf(record) : undefined,
    ]);
    return toPartitionDetail(record, {
      objectiveMs: request.objectiveMs,
      sinkLoads,
      revisions,
      keySums,
    });
  }

  /**
   * A page of the rows of a sealed partition.
   *
   * @throws NotFoundError when there is no sealed partition of that bucket
   */
  async readRows(
    request: PartitionRequest & { limit: number; offset: number },
  ): Promise<PartitionRows> {
    const { eventType, limit, offset } = request;
    const record = await this.#find(request);
    if (record.state !== 'sealed') {
      throw new NotFoundError(
        `The partition ${nameOf(
          request,
        )} is being sealed; its rows can be read once it is`,
      );
    }
    if (!record.manifestPath) {
      // Nothing was delivered, so nothing was written.
      return { columns: [], rows: [], total: 0, limit, offset };
    }
    const session = await (await this.#openDuckdb()).session();
    try {
      const page = await readRows(this.#lake, {
        path: partitionPath(
          eventType,
          { start: record.bucketStart, seconds: record.bucketSeconds },
          record.revision,
        ),
        limit,
        offset,
        duckdb: session,
        copies: this.#copies,
      });
      return { ...page, limit, offset };
    } finally {
      session.close();
    }
  }

  async close(): Promise<void> {
    (await this.#duckdb)?.close();
  }

  #openDuckdb(): Promise<Duckdb> {
    this.#duckdb ??= createDuckdb(DUCKDB_OPTIONS).catch(error => {
      this.#duckdb = undefined;
      throw error;
    });
    return this.#duckdb;
  }

  async #listRevisions(
    request: PartitionRequest,
  ): Promise<PartitionRevision[]> {
    const records = await listPartitionRevisions(this.#ledger, request);
    // The first of one alone needs no reason, and the lake need not be asked.
    const isRevised = records.length > 1;
    return Promise.all(
      records.map(async record =>
        toRevision(
          record,
          isRevised ? await this.#manifests.whyOf(record) : undefined,
        ),
      ),
    );
  }

  async #find(request: PartitionRequest): Promise<PartitionDetailRecord> {
    const record = await getPartition(this.#ledger, request);
    if (!record) {
      throw new NotFoundError(
        request.revision === undefined
          ? `There is no partition ${nameOf(
              request,
            )}: the bucket is not over, is not sealed yet, or no gateway ran in it`
          : `There is no revision ${request.revision} of partition ${nameOf(
              request,
            )}`,
      );
    }
    return record;
  }
}

function nameOf(request: { eventType: string; bucketStart: Date }): string {
  return `${request.bucketStart.toISOString()} of '${request.eventType}'`;
}
