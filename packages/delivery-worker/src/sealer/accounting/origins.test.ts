import fc from 'fast-check';
import { createDuckdb, Duckdb } from '@millrace/lake';
import { FrozenBatch } from '@millrace/ledger';
import { originsOf, writeOriginRuns } from './origins';

jest.setTimeout(60_000);

const NOON = new Date('2026-01-10T12:00:00Z');

function batch(gateway: string, events: number, minute = 0): FrozenBatch {
  return {
    path: 'f',
    offsetBytes: 0,
    lengthBytes: 1,
    publishedAt: NOON,
    header: {
      gateway,
      epoch: 'e',
      eventType: 'shop.order',
      schemaVersion: 1,
      bucket: {
        start: new Date(NOON.getTime() + minute * 60_000),
        seconds: 60,
      },
      batch: 1,
      events,
      bytes: 1,
    },
  };
}

describe('originsOf', () => {
  it('gives each stretch of lines its gateway epoch and receive bucket', () => {
    expect(
      originsOf([
        batch('a', 3),
        batch('a', 2),
        batch('b', 4),
        batch('a', 1),
        batch('a', 1, 1),
      ]),
    ).toEqual({
      all: [
        { gateway: 'a', epoch: 'e', receiveStart: NOON },
        { gateway: 'b', epoch: 'e', receiveStart: NOON },
        {
          gateway: 'a',
          epoch: 'e',
          receiveStart: new Date(NOON.getTime() + 60_000),
        },
      ],
      runs: [
        { firstLine: 0, endLine: 5, origin: 0 },
        { firstLine: 5, endLine: 9, origin: 1 },
        { firstLine: 9, endLine: 10, origin: 0 },
        { firstLine: 10, endLine: 11, origin: 2 },
      ],
      linesPerBlock: 3,
    });
  });

  it('gives no line to a batch without events', () => {
    const { runs } = originsOf([batch('a', 2), batch('b', 0), batch('a', 1)]);
    expect(runs).toEqual([{ firstLine: 0, endLine: 3, origin: 0 }]);
  });
});

describe('writeOriginRuns', () => {
  let duckdb: Duckdb;
  beforeEach(async () => {
    duckdb = await createDuckdb({ memoryLimit: '256MB', threads: 1 });
  });
  afterEach(() => duckdb.close());

  it('takes more runs than one statement does', async () => {
    const batches = Array.from({ length: 120_000 }, (_, n) =>
      batch(n % 2 ? 'a' : 'b', 2),
    );
    await writeOriginRuns(duckdb, originsOf(batches));
    expect(
      await duckdb.rows(
        `SELECT count(*) AS runs, max(first_line) AS last, sum(origin) AS odd
         FROM origin_run`,
      ),
    ).toEqual([{ runs: 120_000, last: 239_998, odd: 60_000 }]);
  });

  it('finds the origin of every line, with little to compare however long runs are', async () => {
    const anyBatches = fc.array(
      fc.tuple(
        fc.constantFrom('a', 'b', 'c'),
        fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ max: 2000 })),
      ),
      { minLength: 1, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(anyBatches, async lengths => {
        const batches = lengths.map(([gateway, events]) =>
          batch(gateway, Math.max(0, events)),
        );
        const origins = originsOf(batches);
        await writeOriginRuns(duckdb, origins);
        const lines = batches.flatMap(({ header }) =>
          Array(header.events).fill(header.gateway),
        );
        const found = await duckdb.rows(
          `SELECT line, list(origin ORDER BY origin) FILTER (
             line >= first_line AND line < end_line) AS origins,
             count(*) AS compared
           FROM range(${lines.length}) AS r (line)
           JOIN origin_run ON block = line // ${origins.linesPerBlock}
           GROUP BY line ORDER BY line`,
        );
        expect(
          found.map(row =>
            (row.origins as number[]).map(at => origins.all[at].gateway),
          ),
        ).toEqual(lines.map(gateway => [gateway]));
        const compared = found.reduce(
          (sum, row) => sum + Number(row.compared),
          0,
        );
        expect(compared).toBeLessThanOrEqual(3 * lines.length);
        const [{ rows }] = await duckdb.rows(
          'SELECT count(*) AS rows FROM origin_run',
        );
        expect(rows).toBeLessThanOrEqual(2 * origins.runs.length);
      }),
      { numRuns: 60 },
    );
  });
});
