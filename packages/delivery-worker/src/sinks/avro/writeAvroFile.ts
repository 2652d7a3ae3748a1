import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DuckdbSession, JsonValue } from '@millrace/lake';
import { streams, Type } from 'avsc';
import { RowSchema, typeOf } from './rowSchema';

const MAGIC = Buffer.from('Obj\x01', 'latin1');
const CODEC = 'deflate';

/** What stands before the blocks of an Avro object container file. */
const HEADER = Type.forSchema({
  type: 'record',
  name: 'org.apache.avro.file.Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: 4 } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: 16 } },
  ],
});

/**
 * Writes the rows of a Parquet file of a partition as an Avro object container
 * file, in their order, a few thousand at a time.
 *
 * The same rows give the same bytes: what separates blocks follows from `seed`
 * and is not drawn by lot.
 */
export async function writeAvroFile(options: {
  duckdb: DuckdbSession;
  parquetFile: string;
  avroFile: string;
  schema: RowSchema;
  seed: string;
}): Promise<void> {
  const { duckdb, parquetFile, avroFile, schema, seed } = options;
  const sync = createHash('md5').update(seed).digest();
  const encoder = new streams.BlockEncoder(schema.type, {
    codec: CODEC,
    syncMarker: sync,
    writeHeader: 'never',
  });
  const output = createWriteStream(avroFile, { flush: true });
  output.write(
    HEADER.toBuffer({
      magic: MAGIC,
      meta: {
        'avro.schema': Buffer.from(JSON.stringify(schema.avro)),
        'avro.codec': Buffer.from(CODEC),
      },
      sync,
    }),
  );
  await pipeline(
    Readable.from(recordsOf(duckdb, parquetFile, schema)),
    encoder,
    output,
  );
}

async function* recordsOf(
  duckdb: DuckdbSession,
  parquetFile: string,
  schema: RowSchema,
): AsyncGenerator<object> {
  const source = 'read_parquet($1, hive_partitioning = false)';
  const names = (
    await duckdb.rows(`SELECT column_name FROM (DESCRIBE FROM ${source})`, [
      parquetFile,
    ])
  ).map(row => String(row.column_name));
  const chunks = duckdb.columns(`SELECT * FROM ${source}`, [parquetFile]);
  for await (const columns of chunks) {
    const rows = columns[0]?.length ?? 0;
    for (let index = 0; index < rows; index += 1) {
      const row = new Map<string, JsonValue>();
      names.forEach((name, at) => row.set(name, columns[at][index]));
      yield schema.toRecord(row);
    }
  }
}

/**
 * How many records an Avro object container file holds, each of them decoded
 * with the schema that the file itself brings.
 */
export async function countAvroRecords(file: string): Promise<number> {
  let records = 0;
  await pipeline(
    createReadStream(file),
    new streams.BlockDecoder({ parseHook: typeOf }),
    async (decoded: AsyncIterable<unknown>) => {
      for await (const record of decoded) {
        records += record === undefined ? 0 : 1;
      }
    },
  );
  return records;
}
