import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDuckdb,
  DuckdbSession,
  JsonValue,
  listParameter,
} from '../duckdb';
import { LakeError } from '../errors';
import { readManifest } from '../manifest';
import { assertFilesPresent } from '../publish';
import { LakeStore } from '../store';
import { createLocalCopies, LocalCopies } from './localCopies';

/** The largest page that is given out at once. */
const MAX_LIMIT = 1000;

/** @public */
export interface ReadRowsOptions {
  /** From `partitionPath`. */
  path: string;
  /** 1 to 1000. */
  limit: number;
  /** Default 0. */
  offset?: number;
  /** An open DuckDB to use; otherwise one is opened for this call (20 ms). */
  duckdb?: DuckdbSession;
  /**
   * Where the files of a lake elsewhere are kept for the next page. Without it
   * they are fetched for this call.
   */
  copies?: LocalCopies;
}

/** @public */
export interface RowsPage {
  /** With DuckDB's type texts, for example `STRUCT(id BIGINT)[]`. */
  columns: { name: string; type: string }[];
  rows: JsonValue[][];
  /** Rows in the whole partition. */
  total: number;
}

/**
 * A page of a published partition, in the order of its files.
 *
 * Reads what the manifest names and nothing else: left-over parts do not exist
 * for it, and a missing or truncated file is an error, never a shorter answer.
 *
 * @throws LakeError with code `not_found`, `partition_damaged` or
 * `invalid_page`, and what the store throws
 * @public
 */
export async function readRows(
  store: LakeStore,
  options: ReadRowsOptions,
): Promise<RowsPage> {
  const { path, limit, offset = 0 } = options;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new LakeError(
      'invalid_page',
      `limit is a whole number from 1 to ${MAX_LIMIT}; got ${limit}`,
    );
  }
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new LakeError(
      'invalid_page',
      `offset is a whole number from 0 on; got ${offset}`,
    );
  }
  const manifest = await readManifest(store, path);
  if (!manifest) {
    throw new LakeError('not_found', `No partition is published at '${path}'`);
  }
  if (manifest.files.length === 0) {
    return { columns: [], rows: [], total: 0 };
  }
  await assertFilesPresent(store, path, manifest);
  const objects = manifest.files.map(({ name, bytes }) => ({
    key: `${path}/${name}`,
    bytes,
  }));
  const own = options.duckdb
    ? undefined
    : await createDuckdb({ memoryLimit: '512MB', threads: 1 });
  try {
    return await withCopies(store, options.copies, async copies => ({
      ...(await copies.use(objects, files =>
        readPage(options.duckdb ?? own!, files, limit, offset),
      )),
      total: manifest.counts.delivered,
    }));
  } finally {
    own?.close();
  }
}

async function withCopies<T>(
  store: LakeStore,
  given: LocalCopies | undefined,
  run: (copies: LocalCopies) => Promise<T>,
): Promise<T> {
  if (given) {
    return run(given);
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-rows-'));
  const copies = createLocalCopies({ store, folder });
  try {
    return await run(copies);
  } finally {
    await copies.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function readPage(
  duckdb: DuckdbSession,
  files: string[],
  limit: number,
  offset: number,
): Promise<Omit<RowsPage, 'total'>> {
  const source = [listParameter(files)];
  // hive_partitioning would make columns of the dt= and hh= folders.
  const table = 'read_parquet($1, hive_partitioning = false)';
  const described = await duckdb.rows(
    `DESCRIBE SELECT * FROM ${table}`,
    source,
  );
  const rows: JsonValue[][] = [];
  const pages = duckdb.columns(
    `SELECT * FROM ${table} LIMIT ${limit} OFFSET ${offset}`,
    source,
  );
  for await (const columns of pages) {
    const [first = []] = columns;
    rows.push(...first.map((_, index) => columns.map(column => column[index])));
  }
  return {
    columns: described.map(column => ({
      name: String(column.column_name),
      type: String(column.column_type),
    })),
    rows,
  };
}
