import {
  DuckDBConnection,
  DuckDBInstance,
  DuckDBValue,
  listValue,
} from '@duckdb/node-api';
import { JsonValue, toJsonValue } from './toJsonValue';

/** @public */
export interface DuckdbOptions {
  /** What DuckDB may take before it spills, for example `1GB`. */
  memoryLimit?: string;
  /** Where it spills to. Without it, work that does not fit fails. */
  tempDirectory?: string;
  /** Threads of its own, beside Node's. Default 2. */
  threads?: number;
}

/** Values for `$1`, `$2`, … of a statement. @public */
export type DuckdbParameters = DuckDBValue[];

/** A list of text as one parameter, for example of file names. @public */
export function listParameter(items: string[]): DuckDBValue {
  return listValue(items);
}

/** @public */
export type DuckdbRow = Record<string, JsonValue>;

/**
 * One connection: temporary tables made in a session are seen only there.
 * Statements of one session run one after the other.
 *
 * @public
 */
export interface DuckdbSession {
  run(sql: string, parameters?: DuckdbParameters): Promise<void>;
  /** All rows, as JSON values. */
  rows(sql: string, parameters?: DuckdbParameters): Promise<DuckdbRow[]>;
  /**
   * The result in pieces of some thousand rows, each as columns of JSON values,
   * for results too large to be held at once.
   */
  columns(
    sql: string,
    parameters?: DuckdbParameters,
  ): AsyncGenerator<JsonValue[][]>;
  close(): void;
}

/** @public */
export interface Duckdb extends DuckdbSession {
  /** A further connection to the same instance, sharing its memory limit. */
  session(): Promise<DuckdbSession>;
}

/**
 * Opens DuckDB in this process, in memory.
 *
 * It knows JSON, Parquet and ICU, which are built in. It never loads or
 * downloads another extension, so a file name that looks like a URL is an error
 * and not a request. All time is UTC.
 *
 * @public
 */
export async function createDuckdb(
  options: DuckdbOptions = {},
): Promise<Duckdb> {
  const { memoryLimit = '1GB', tempDirectory, threads = 2 } = options;
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: memoryLimit,
    threads: String(threads),
    temp_directory: tempDirectory ?? '',
  });
  const first = createSession(await instance.connect());
  // Belongs to ICU, which is loaded too late for the options above.
  await first.run(`SET GLOBAL TimeZone = 'UTC'`);
  return {
    ...first,
    session: async () => createSession(await instance.connect()),
    close: () => {
      first.close();
      instance.closeSync();
    },
  };
}

function createSession(connection: DuckDBConnection): DuckdbSession {
  return {
    async run(sql, parameters) {
      await connection.run(sql, parameters);
    },
    async rows(sql, parameters) {
      const result = await connection.run(sql, parameters);
      const names = result.columnNames();
      return (await result.getRows()).map(row =>
        Object.fromEntries(
          names.map((name, index) => [name, toJsonValue(row[index])]),
        ),
      );
    },
    async *columns(sql, parameters) {
      const result = await connection.stream(sql, parameters);
      for await (const chunk of result) {
        yield chunk.getColumns().map(column => column.map(toJsonValue));
      }
    },
    close() {
      connection.closeSync();
    },
  };
}
