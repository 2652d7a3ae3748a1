import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { createDuckdb } from '@millrace/lake';
import { readParquetRowCount } from './parquetFooter';

jest.setTimeout(60_000);

describe('the number of rows by the footer of a Parquet file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parquet-footer-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function write(rows: number, rowsPerGroup = 2_048): Promise<string> {
    const file = path.join(folder, `${rows}-${rowsPerGroup}.parquet`);
    const duckdb = await createDuckdb();
    await duckdb.run(
      `COPY (SELECT n, 'text ' || n AS text, n % 2 = 0 AS flag, n / 3 AS ratio,
           [n, n + 1] AS list, {'a': n, 'b': {'c': n::VARCHAR}} AS struct,
           MAP {'k': n} AS map, TIMESTAMPTZ '2026-01-10T12:00:00Z' AS at,
           CASE WHEN n % 5 = 0 THEN n END AS maybe
         FROM range(${rows}) AS r (n))
       TO '${file}' (FORMAT parquet, COMPRESSION zstd,
         ROW_GROUP_SIZE ${rowsPerGroup})`,
    );
    duckdb.close();
    return file;
  }

  it.each([
    [0, 2_048],
    [1, 2_048],
    [4_097, 2_048],
    [50_000, 2_048],
  ])(
    'is that of what was written: %i rows in groups of %i',
    async (rows, per) => {
      expect(await readParquetRowCount(await write(rows, per))).toBe(rows);
    },
  );

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('not a parquet file at all')],
    ['two magic words', Buffer.from('PAR1PAR1PAR1')],
    [
      'a footer longer than the file',
      Buffer.concat([
        Buffer.from('PAR1'),
        Buffer.from([0xff, 0xff, 0xff, 0x7f]),
        Buffer.from('PAR1'),
      ]),
    ],
  ])('is refused of %s', async (_what, bytes) => {
    const file = path.join(folder, 'not-parquet');
    await writeFile(file, bytes);
    await expect(readParquetRowCount(file)).rejects.toMatchObject({
      code: 'not_parquet',
    });
  });

  it('is the right one, or refused, whatever happens to the footer', async () => {
    const whole = await readFile(await write(100));
    const footer = whole.readUInt32LE(whole.length - 8);
    const begins = whole.length - 8 - footer;
    const file = path.join(folder, 'mutated');
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            at: fc.nat(footer - 1),
            byte: fc.nat(255),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        async changes => {
          const bytes = Buffer.from(whole);
          for (const { at, byte } of changes) {
            bytes[begins + at] = byte;
          }
          await writeFile(file, bytes);
          const answer = await readParquetRowCount(file).catch(error => error);
          // No hang, no other error, no memory taken by a made-up length.
          expect(
            typeof answer === 'number' || answer.code === 'not_parquet',
          ).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
