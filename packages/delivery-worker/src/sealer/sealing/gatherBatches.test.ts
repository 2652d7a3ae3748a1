import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { createDuckdb, Duckdb, listParameter } from '@millrace/lake';
import { FrozenBatch } from '@millrace/ledger';
import { findDamagedBatches, gatherBatches } from './gatherBatches';

let folder: string;
let duckdb: Duckdb;
beforeAll(async () => {
  duckdb = await createDuckdb({ memoryLimit: '256MB', threads: 1 });
});
afterAll(() => duckdb.close());
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gather-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A staged file with one batch per text; gives what the ledger says of each. */
async function stage(
  name: string,
  ...texts: { text: string; schemaVersion?: number }[]
): Promise<FrozenBatch[]> {
  const file = path.join(folder, name);
  let offsetBytes = 0;
  const bodies = texts.map(({ text }) => zstdCompressSync(Buffer.from(text)));
  await writeFile(file, Buffer.concat(bodies));
  return texts.map(({ text, schemaVersion = 1 }, index) => {
    const batch = {
      path: file,
      offsetBytes,
      lengthBytes: bodies[index].length,
      publishedAt: new Date(0),
      header: {
        gateway: 'g',
        epoch: 'e',
        eventType: 'shop.order',
        schemaVersion,
        bucket: { start: new Date(0), seconds: 60 },
        batch: index + 1,
        events: text.split('\n').length - 1,
        bytes: text.length,
      },
    };
    offsetBytes += bodies[index].length;
    return batch;
  });
}

/** The lines that DuckDB will read, by schema version. */
async function linesOf(batches: FrozenBatch[]) {
  const out = await mkdtemp(path.join(folder, 'out-'));
  const gathered = await gatherBatches({
    batches,
    folder: out,
    filesPerVersion: 2,
  });
  const lines: Record<number, unknown[]> = {};
  for (const { schemaVersion, files } of gathered) {
    const rows = await duckdb.rows(
      `SELECT line FROM read_csv($1, columns = {line: 'VARCHAR'},
         header = false, delim = '|', auto_detect = false,
         compression = 'zstd') ORDER BY line`,
      [listParameter(files)],
    );
    lines[schemaVersion] = rows.map(({ line }) => line);
  }
  return { lines, gathered };
}

describe('gatherBatches', () => {
  it('copies the frozen batches, and nothing of what lies between them', async () => {
    const [a, , c, d] = await stage(
      'one',
      { text: 'a1\na2\n' },
      { text: 'not frozen\n' },
      { text: 'c\n' },
      { text: 'd\n', schemaVersion: 2 },
    );
    const [e, f] = await stage('two', { text: 'e\n' }, { text: 'f\n' });
    const { lines, gathered } = await linesOf([a, c, d, e, f]);
    expect(lines).toEqual({ 1: ['a1', 'a2', 'c', 'e', 'f'], 2: ['d'] });
    expect(gathered.map(({ maxLineBytes }) => maxLineBytes)).toEqual([6, 2]);
  });

  it('makes no more files however many lives of gateways there were', async () => {
    const batches = await stage(
      'one',
      ...Array.from({ length: 300 }, (_, n) => ({ text: `${n}\n` })),
    );
    batches.forEach((batch, n) => {
      batch.header.epoch = `e-${n}`;
    });
    const { gathered } = await linesOf(batches);
    expect(gathered.map(({ files }) => files.length)).toEqual([2]);
    expect(gathered[0].batches).toEqual(batches);
  });

  it('says of which file the end is missing', async () => {
    const [a, b] = await stage('one', { text: 'a\n' }, { text: 'b\n' });
    const bytes = await readFile(a.path);
    await writeFile(a.path, bytes.subarray(0, bytes.length - 1));
    await expect(linesOf([a, b])).rejects.toMatchObject({
      code: 'staged_file_damaged',
      message: expect.stringContaining(a.path),
    });
    await rm(a.path);
    await expect(linesOf([a, b])).rejects.toMatchObject({
      code: 'staged_file_damaged',
    });
  });
});

describe('findDamagedBatches', () => {
  it('names the batches that do not hold their number of lines, and no others', async () => {
    const [a, b, c] = await stage(
      'one',
      { text: 'a\n' },
      { text: 'b\n' },
      { text: 'c\n' },
    );
    b.header.events = 2;
    expect(await findDamagedBatches([a, b, c])).toEqual([
      expect.stringContaining('batch 2 of g (epoch e)'),
    ]);
  });
});
