import { createDuckdb } from '@millrace/lake';
import { FrozenBatch } from '@millrace/ledger';
import { originsOf, writeOriginRuns } from './origins';

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
        { firstLine: 0, origin: 0 },
        { firstLine: 5, origin: 1 },
        { firstLine: 9, origin: 0 },
        { firstLine: 10, origin: 2 },
      ],
    });
  });

  it('gives no line to a batch without events', () => {
    const { runs } = originsOf([batch('a', 2), batch('b', 0), batch('a', 1)]);
    expect(runs).toEqual([{ firstLine: 0, origin: 0 }]);
  });
});

describe('writeOriginRuns', () => {
  it('takes more runs than one statement does', async () => {
    const duckdb = await createDuckdb({ memoryLimit: '256MB', threads: 1 });
    try {
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
    } finally {
      duckdb.close();
    }
  });
});
