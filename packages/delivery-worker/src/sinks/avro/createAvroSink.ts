import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  createDuckdb,
  Duckdb,
  hashFile,
  LakeError,
  LakeStore,
  partitionPath,
  placeHashed,
} from '@millrace/lake';
import { DueSinkLoad } from '@millrace/ledger';
import { Knex } from 'knex';
import { withDeclaredSchema } from '../declaredSchema';
import { SinkError, SinkErrorCode } from '../errors';
import { Sink } from '../types';
import { RowSchema, rowSchemaOf } from './rowSchema';
import { UnfitValueError } from './values';
import { countAvroRecords, writeAvroFile } from './writeAvroFile';

const DUCKDB_MEMORY = '256MB';

/** What lies beside the Avro files of a revision, and is written last. */
export interface AvroManifest {
  formatVersion: 1;
  endpoint: string;
  bucket: { start: string; seconds: number };
  revision: number;
  /** Of all files together: what the partition delivered. */
  rows: number;
  files: { name: string; rows: number; bytes: number; sha256: string }[];
  /** The partition it was made from. */
  source: { manifestPath?: string };
}

/** @internal */
export interface AvroSinkOptions {
  /** Where partitions are read from. */
  lake: LakeStore;
  /** Where Avro files are put; not the lake itself. */
  store: LakeStore;
  ledger: Knex;
  /** Default: all. */
  eventTypes?: string[];
  /** For files in the making; what is in it is removed. */
  tempDirectory: string;
}

/**
 * Avro object container files beside the lake, in a place of their own with the
 * same folders: for readers that take no Parquet.
 *
 * Guarantees:
 * - A revision's files are complete when its `manifest.json` is there, which is
 *   put if absent, last, and never changes. Files are named by their content, and
 *   the same revision gives the same bytes, so making it twice changes nothing.
 * - It counts as loaded when every record of every file has been decoded again,
 *   and they are as many as were delivered.
 *
 * Every bucket's newest revision counts; earlier ones stay where they are. Rows
 * have the fields of the event type's newest version.
 */
export function createAvroSink(options: AvroSinkOptions): Sink {
  const { lake, store, ledger, tempDirectory } = options;

  const schemaOf = ({ eventType }: DueSinkLoad): Promise<RowSchema> =>
    withDeclaredSchema(ledger, eventType, rowSchemaOf);

  async function writeFiles(
    load: DueSinkLoad,
    schema: RowSchema,
    folder: string,
  ): Promise<AvroManifest['files']> {
    const files: AvroManifest['files'] = [];
    const duckdb = await createDuckdb({
      memoryLimit: DUCKDB_MEMORY,
      tempDirectory: path.join(folder, 'duckdb'),
      threads: 1,
    });
    try {
      for (const [index, { name }] of load.files.entries()) {
        files.push(
          await writeFile({ load, schema, folder, duckdb, name, index }),
        );
      }
    } finally {
      duckdb.close();
    }
    return files;
  }

  async function writeFile(part: {
    load: DueSinkLoad;
    schema: RowSchema;
    folder: string;
    duckdb: Duckdb;
    name: string;
    index: number;
  }) {
    const { load, schema, folder, duckdb, name, index } = part;
    const key = `${path.posix.dirname(load.manifestPath ?? '')}/${name}`;
    const avroFile = path.join(folder, `${index}.avro`);
    await writeAvroFile({
      duckdb,
      parquetFile: await lake.localCopy(key, folder),
      avroFile,
      schema,
      seed: key,
    });
    const rows = await countAvroRecords(avroFile);
    const { sha256, bytes } = await hashFile(avroFile);
    const number = String(index).padStart(5, '0');
    const avroName = `part-${number}-${sha256.slice(0, 16)}.avro`;
    await placeHashed(store, `${folderOf(load)}/${avroName}`, avroFile, sha256);
    await rm(avroFile);
    return { name: avroName, rows, bytes, sha256 };
  }

  return {
    name: 'avro',
    eventTypes: options.eventTypes,

    async prepare(load) {
      await schemaOf(load);
    },

    async startJob(load) {
      const folder = path.join(tempDirectory, randomUUID());
      await mkdir(folder, { recursive: true });
      try {
        const files = await writeFiles(load, await schemaOf(load), folder);
        const rows = files.reduce((sum, file) => sum + file.rows, 0);
        if (rows !== load.delivered) {
          throw new SinkError(
            'row_count_differs',
            `${rows} rows were written, ${load.delivered} were delivered`,
          );
        }
        const manifest: AvroManifest = {
          formatVersion: 1,
          endpoint: load.eventType,
          bucket: {
            start: load.bucketStart.toISOString(),
            seconds: load.bucketSeconds,
          },
          revision: load.revision,
          rows,
          files,
          source: { manifestPath: load.manifestPath },
        };
        await store.putBytesIfAbsent(
          manifestKeyOf(load),
          Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
        );
      } catch (error) {
        throw toSinkError(error, load);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },

    async findJob(load) {
      let manifest: AvroManifest;
      try {
        const bytes = await store.get(manifestKeyOf(load));
        manifest = JSON.parse(bytes.toString());
      } catch (error) {
        if (error instanceof LakeError && error.code === 'not_found') {
          return undefined;
        }
        throw toSinkError(error, load);
      }
      for (const { name, bytes } of manifest.files) {
        const found = await store.stat(`${folderOf(load)}/${name}`);
        if (found?.bytes !== bytes) {
          throw new SinkError(
            'load_failed',
            `The file ${name} is not there as its manifest names it`,
          );
        }
      }
      return { state: 'done', rows: manifest.rows };
    },
  };
}

function folderOf(load: DueSinkLoad): string {
  return partitionPath(
    load.eventType,
    { start: load.bucketStart, seconds: load.bucketSeconds },
    load.revision,
  );
}

function manifestKeyOf(load: DueSinkLoad): string {
  return `${folderOf(load)}/manifest.json`;
}

const LAKE_PROBLEMS: { [code: string]: SinkErrorCode } = {
  not_found: 'load_failed',
  partition_damaged: 'load_failed',
  store_refused: 'sink_refused',
};

/** Messages of libraries may quote values of events: only ours are passed on. */
function toSinkError(error: unknown, load: DueSinkLoad): SinkError {
  if (error instanceof SinkError) {
    return error;
  }
  if (error instanceof LakeError) {
    return new SinkError(
      LAKE_PROBLEMS[error.code] ?? 'sink_unavailable',
      error.message,
    );
  }
  if (error instanceof UnfitValueError) {
    return new SinkError(
      'schema_not_loadable',
      `Rows of ${load.eventType} cannot be written as Avro: ${error.message}`,
    );
  }
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return new SinkError(
    'sink_unavailable',
    `Avro files of ${load.eventType} could not be written${
      code ? ` (${code})` : ''
    }`,
  );
}
