import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  createDuckdb,
  type Duckdb,
  findEventKeys,
  LakeError,
  type LakeStore,
} from '@millrace/lake';
import { findKnownEventKeys, listIdFiles } from '@millrace/ledger';
import type { Knex } from 'knex';

/** A look at a few hundred keys is small; it must not starve the portal. */
const DUCKDB_OPTIONS = { memoryLimit: '256MB', threads: 1 };

/** Looks up which events lie in sealed partitions of the last 31 days. */
export class DeliveredIds {
  readonly #ledger: Knex;
  readonly #lake: LakeStore;
  /** For copies, where the lake has no local files; of this process alone. */
  #folder: Promise<string> | undefined;
  #duckdb: Promise<Duckdb> | undefined;

  constructor(options: { ledger: Knex; lake: LakeStore }) {
    this.#ledger = options.ledger;
    this.#lake = options.lake;
  }

  /** Of the keys of an event type, those that are in a sealed partition. */
  async find(request: {
    eventType: string;
    eventKeys: string[];
  }): Promise<Set<string>> {
    const [inFiles, inLedger] = await Promise.all([
      // A file may be merged into another one and removed between the list and
      // the look; the next list has the other one.
      this.#findInFiles(request).catch(error => {
        if (error instanceof LakeError && error.code === 'not_found') {
          return this.#findInFiles(request);
        }
        throw error;
      }),
      findKnownEventKeys(this.#ledger, {
        eventType: request.eventType,
        keys: request.eventKeys.map(eventKey => ({
          eventKey,
          contentHash: '',
        })),
      }),
    ]);
    return new Set([...inFiles, ...inLedger.keys()]);
  }

  async close(): Promise<void> {
    (await this.#duckdb?.catch(() => undefined))?.close();
    const folder = await this.#folder?.catch(() => undefined);
    if (folder) {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #findInFiles({
    eventType,
    eventKeys,
  }: {
    eventType: string;
    eventKeys: string[];
  }): Promise<Set<string>> {
    const { files } = await listIdFiles(this.#ledger, { eventType });
    if (files.length === 0) {
      return new Set();
    }
    this.#duckdb ??= createDuckdb(DUCKDB_OPTIONS).catch(error => {
      this.#duckdb = undefined;
      throw error;
    });
    this.#folder ??= mkdtemp(path.join(os.tmpdir(), 'millrace-ids-'));
    const session = await (await this.#duckdb).session();
    try {
      return await findEventKeys(this.#lake, {
        idFiles: files,
        eventKeys,
        folder: await this.#folder,
        duckdb: session,
      });
    } finally {
      session.close();
    }
  }
}
