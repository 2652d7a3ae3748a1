import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const READER = `
  import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
  import { compressors } from 'hyparquet-compressors';
  const file = await asyncBufferFromFile(process.argv[1]);
  const rows = await parquetReadObjects({ file, compressors });
  process.stdout.write(JSON.stringify(rows, (key, value) =>
    typeof value === 'bigint' ? String(value) : value));
`;

/**
 * Reads a Parquet file with a reader that shares no code with DuckDB. It is an
 * ES module, which jest does not load, hence the process.
 */
export async function readParquetElsewhere(
  file: string,
): Promise<Record<string, unknown>[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', READER, file],
    { cwd: __dirname, maxBuffer: 64 * 1024 * 1024 },
  );
  return JSON.parse(stdout);
}
