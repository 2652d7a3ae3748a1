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
  listPartitions,
  listSinkLoads,
  type PartitionDetailRecord,
} from '@millrace/ledger';
import type {
  PartitionDetail,
  PartitionList,
  PartitionRows,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { toPartitionDetail, toPartitionSummary } from './toPartition';

/** A page of rows is small; a scan that is not must not starve the portal. */
const DUCKDB_OPTIONS = { memoryLimit: '512MB', threads: 1 };

/**
 * Reads partitions: what the ledger says about them, and their rows in the
 * lake. It checks no permissions.
 */
export class PartitionReader {
  readonly #ledger: Knex;
  readonly #lake: LakeStore;
  readonly #copies: LocalCopies;
  /** One for all readers, so that many of them share one memory limit. */
  #duckdb: Promise<Duckdb> | undefined;

  constructor(options: { ledger: Knex; lake: LakeStore; copies: LocalCopies }) {
    this.#ledger = options.ledger;
    this.#lake = options.lake;
    this.#copies = options.copies;
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

  /** @throws NotFoundError when there is no partition of that bucket */
  async get(request: {
    eventType: string;
    bucketStart: Date;
  }): Promise<PartitionDetail> {
    const record = await this.#find(request);
    const sinkLoads = await listSinkLoads(this.#ledger, {
      partitionIds: [record.partitionId],
    });
    return toPartitionDetail(record, sinkLoads);
  }

  /**
   * A page of the rows of a sealed partition.
   *
   * @throws NotFoundError when there is no sealed partition of that bucket
   */
  async readRows(request: {
    eventType: string;
    bucketStart: Date;
    limit: number;
    offset: number;
  }): Promise<PartitionRows> {
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

  async #find(request: {
    eventType: string;
    bucketStart: Date;
  }): Promise<PartitionDetailRecord> {
    const record = await getPartition(this.#ledger, request);
    if (!record) {
      throw new NotFoundError(
        `There is no partition ${nameOf(
          request,
        )}: the bucket is not over, is not sealed yet, or no gateway ran in it`,
      );
    }
    return record;
  }
}

function nameOf(request: { eventType: string; bucketStart: Date }): string {
  return `${request.bucketStart.toISOString()} of '${request.eventType}'`;
}
