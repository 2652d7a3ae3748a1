import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { createDuckdb, Duckdb, quoteLiteral } from '@millrace/lake';
import { writeStagedFile } from './stagedFile';

jest.setTimeout(60_000);

describe('a staged file', () => {
  let stagingDir: string;
  let duckdb: Duckdb;

  beforeAll(async () => {
    stagingDir = await mkdtemp(join(tmpdir(), 'staging-'));
    duckdb = await createDuckdb({
      memoryLimit: '512MB',
      tempDirectory: join(stagingDir, 'duckdb'),
      threads: 2,
    });
  });
  afterAll(async () => {
    await duckdb.close();
    await rm(stagingDir, { recursive: true });
  });

  const frame = (name: string, lines: number) =>
    zstdCompressSync(
      Buffer.from(
        Array.from(
          { length: lines },
          (_, i) => `${JSON.stringify({ id: `${name}-${i}`, n: i })}\n`,
        ).join(''),
      ),
    );

  it.each([
    ['one-event frames', [1, 1, 2, 1]],
    ['many small frames', Array<number>(1_000).fill(7)],
    ['frames larger than the reader’s buffer', [60_000, 1, 90_000]],
  ])('of %s is read whole by DuckDB', async (_, sizes) => {
    const { path } = await writeStagedFile({
      stagingDir,
      eventType: 'page.viewed',
      bodies: sizes.map((size, i) => frame(`f${i}`, size)),
    });
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const rows = await duckdb.rows(
      `SELECT count(*)::INTEGER AS events, count(DISTINCT id)::INTEGER AS ids
       FROM read_json(${quoteLiteral(path)}, format = 'newline_delimited',
         compression = 'zstd', columns = { id: 'VARCHAR', n: 'INTEGER' })`,
    );
    expect(rows).toEqual([{ events: total, ids: total }]);
  });

  it('holds each body at its offset', async () => {
    const bodies = [frame('a', 3), frame('b', 1), frame('c', 5)];
    const { path, offsets } = await writeStagedFile({
      stagingDir,
      eventType: 'page.left',
      bodies,
    });
    const content = await readFile(path);
    for (const [i, body] of bodies.entries()) {
      const slice = content.subarray(offsets[i], offsets[i] + body.length);
      expect(zstdDecompressSync(slice)).toEqual(zstdDecompressSync(body));
    }
  });

  it('leaves nothing behind when it cannot be written', async () => {
    await writeFile(join(stagingDir, 'in.the.way'), '');
    await expect(
      writeStagedFile({
        stagingDir,
        eventType: 'in.the.way',
        bodies: [frame('a', 1)],
      }),
    ).rejects.toThrow();
    await expect(
      writeStagedFile({
        stagingDir,
        eventType: 'bad.body',
        // What the disk would do to it: fail in the middle of writing.
        bodies: [frame('a', 1), 7 as unknown as Buffer],
      }),
    ).rejects.toThrow();
    await expect(readdir(join(stagingDir, 'bad.body'))).resolves.toEqual([]);
  });
});
