import fc from 'fast-check';
import { Knex } from 'knex';
import {
  bucketAt,
  claimSealLease,
  minutes,
  sealBucket,
  stagedBatch,
  useLedger,
} from '../../__testUtils__/ledger';
import { Bucket } from '../../types';
import { beginSealing } from '../sealing/beginSealing';
import { classifyStagedFiles } from './classifyStagedFiles';
import { pruneStagedBatches } from './pruneStagedBatches';
import { recordStagedBatches } from './recordStagedBatches';

jest.setTimeout(60_000);

describe('recordStagedBatches', () => {
  const ledger = useLedger();

  const landings = async () =>
    (
      await ledger()('staged_batches')
        .select('batch', 'landing_start')
        .orderBy('batch')
    ).map(row => [row.batch, row.landing_start.toISOString()]);

  it('records a batch once, whatever is redelivered', async () => {
    const first = stagedBatch({ batch: 1, stagedFile: '/s/a' });
    const again = stagedBatch({ batch: 1, stagedFile: '/s/b' });
    const now = minutes(0.5);

    await expect(
      recordStagedBatches(ledger(), { batches: [first], now }),
    ).resolves.toEqual({ recorded: 1, duplicates: 0, setAside: [] });
    await expect(
      recordStagedBatches(ledger(), { batches: [again], now }),
    ).resolves.toEqual({ recorded: 0, duplicates: 1, setAside: [] });

    await expect(
      ledger()('staged_batches').pluck('staged_file'),
    ).resolves.toEqual(['/s/a']);
  });

  it('still knows a batch as recorded when the same bytes are offered again', async () => {
    const batches = [1, 2].map(batch =>
      stagedBatch({ batch, stagedFile: '/s/a', offsetBytes: batch * 100 }),
    );
    const now = minutes(0.5);
    await recordStagedBatches(ledger(), { batches, now });

    await expect(
      recordStagedBatches(ledger(), { batches, now }),
    ).resolves.toEqual({ recorded: 2, duplicates: 0, setAside: [] });
  });

  it('still knows them when the first try commits in the middle of the second', async () => {
    const batches = [stagedBatch({ batch: 1, stagedFile: '/s/a' })];
    const now = minutes(0.5);
    const first = await ledger().transaction();
    await recordStagedBatches(first, { batches, now });

    const second = recordStagedBatches(ledger(), { batches, now });
    await waitForLock(ledger());
    await first.commit();

    await expect(second).resolves.toEqual({
      recorded: 1,
      duplicates: 0,
      setAside: [],
    });
  });

  it('records nothing of a file that also holds a duplicate, and gives the rest back', async () => {
    const now = minutes(0.5);
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ batch: 1, stagedFile: '/s/a' })],
      now,
    });
    const duplicate = stagedBatch({ batch: 1, stagedFile: '/s/b' });
    const fresh = stagedBatch({
      batch: 2,
      stagedFile: '/s/b',
      offsetBytes: 100,
    });
    const elsewhere = stagedBatch({ batch: 3, stagedFile: '/s/c' });

    await expect(
      recordStagedBatches(ledger(), {
        batches: [duplicate, fresh, elsewhere],
        now,
      }),
    ).resolves.toEqual({ recorded: 1, duplicates: 1, setAside: [fresh] });
    await expect(
      ledger()('staged_batches').pluck('batch').orderBy('batch'),
    ).resolves.toEqual([1, 3]);
  });

  it('keeps the first of two equal batches in one call', async () => {
    const batches = [
      stagedBatch({ batch: 1, stagedFile: '/s/a' }),
      stagedBatch({ batch: 1, stagedFile: '/s/b' }),
    ];
    await expect(
      recordStagedBatches(ledger(), { batches, now: minutes(0.5) }),
    ).resolves.toEqual({ recorded: 1, duplicates: 1, setAside: [] });
    await expect(
      ledger()('staged_batches').pluck('staged_file'),
    ).resolves.toEqual(['/s/a']);
  });

  it('lands a batch in its receive bucket while that is open, however late', async () => {
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ batch: 1, bucket: bucketAt(0) })],
      now: minutes(30),
    });
    await expect(landings()).resolves.toEqual([[1, minutes(0).toISOString()]]);
  });

  it('lands a batch too late for its bucket in the first bucket open from now on', async () => {
    await sealBucket(ledger(), { bucket: bucketAt(0) });
    const fencingToken = await claimSealLease(ledger(), 'page.viewed');
    await beginSealing(ledger(), {
      eventType: 'page.viewed',
      bucket: bucketAt(5),
      fencingToken,
      decision: {},
    });

    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ batch: 1, bucket: bucketAt(0) })],
      now: minutes(4.5),
    });
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ batch: 2, bucket: bucketAt(0) })],
      now: minutes(5.5),
    });
    await expect(landings()).resolves.toEqual([
      [1, minutes(4).toISOString()],
      [2, minutes(6).toISOString()],
    ]);
  });

  it('tells which staged files may be deleted', async () => {
    const [a, b] = [bucketAt(0), bucketAt(1)];
    await recordStagedBatches(ledger(), {
      batches: [
        stagedBatch({ bucket: a, stagedFile: '/s/a' }),
        stagedBatch({ bucket: b, stagedFile: '/s/b' }),
      ],
      now: minutes(1.5),
    });
    await sealBucket(ledger(), { bucket: a });

    await expect(
      classifyStagedFiles(ledger(), { paths: ['/s/a', '/s/b', '/s/c'] }),
    ).resolves.toEqual(
      new Map([
        ['/s/a', 'consumed'],
        ['/s/b', 'needed'],
        ['/s/c', 'unknown'],
      ]),
    );
  });

  it('forgets old sealed batches, and keeps those in flight and those of the last weeks', async () => {
    await recordStagedBatches(ledger(), {
      batches: [
        stagedBatch({ bucket: bucketAt(0), batch: 1 }),
        stagedBatch({ bucket: bucketAt(1), batch: 2 }),
      ],
      now: minutes(1.5),
    });
    await sealBucket(ledger(), { bucket: bucketAt(0) });

    const prune = () =>
      pruneStagedBatches(ledger(), { before: new Date(Date.now() + 60_000) });
    await expect(prune()).resolves.toBe(0);
    await ledger()('staged_batches')
      .whereNotNull('consumed_at')
      .update({ consumed_at: minutes(0) });
    await expect(prune()).resolves.toBe(1);
    await expect(ledger()('staged_batches').pluck('batch')).resolves.toEqual([
      2,
    ]);
  });

  it('forgets in steps, each on its own, so that what is cut short is not lost', async () => {
    await recordStagedBatches(ledger(), {
      batches: Array.from({ length: 7 }, (_, n) =>
        stagedBatch({ bucket: bucketAt(0), batch: n + 1 }),
      ),
      now: minutes(1.5),
    });
    await sealBucket(ledger(), { bucket: bucketAt(0) });
    await ledger()('staged_batches').update({ consumed_at: minutes(0) });
    const deleted: number[] = [];
    const onResponse = (
      response: { rowCount: number },
      query: { sql: string },
    ) =>
      query.sql.startsWith('DELETE FROM staged_batches') &&
      deleted.push(response.rowCount);
    ledger().on('query-response', onResponse);
    const pruning = pruneStagedBatches(ledger(), {
      before: new Date(),
      rowsPerStep: 3,
    });
    await expect(pruning).resolves.toBe(7);
    ledger().removeListener('query-response', onResponse);
    expect(deleted).toEqual([3, 3, 1]);
  });

  // The invariant behind "every event has one fate": whatever the interleaving
  // of redelivering consumers and a sealer, each batch is in exactly one place,
  // and what was frozen never grows.
  it('never loses or doubles a batch while buckets begin to seal', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            batches: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), {
              minLength: 1,
              maxLength: 5,
            }),
            bucket: fc.integer({ min: 0, max: 2 }),
            sealFirst: fc.boolean(),
          }),
          { minLength: 4, maxLength: 10 },
        ),
        async calls => {
          expect.hasAssertions();
          const db = ledger();
          await db.raw(
            'TRUNCATE staged_batches, partitions, partition_files CASCADE',
          );
          await race(db, calls);
        },
      ),
      { numRuns: 25 },
    );
  });

  async function race(
    db: Knex,
    calls: { batches: number[]; bucket: number; sealFirst: boolean }[],
  ) {
    const now = minutes(2.5);
    const eventType = 'page.viewed';
    const fencingToken = await claimSealLease(db, eventType);
    const frozen = new Map<string, Set<string>>();
    const expected = new Set<string>();
    const keyOf = (bucket: Bucket, batch: number) =>
      `${bucket.start.toISOString()}#${batch}`;

    const seal = async (bucket: Bucket) => {
      const { partitionId, stagedFiles } = await beginSealing(db, {
        eventType,
        bucket,
        fencingToken,
        decision: {},
      });
      const files = stagedFiles.map(f =>
        keyOf(f.header.bucket, f.header.batch),
      );
      // Resuming must give the same set as the first time.
      const before = frozen.get(partitionId);
      if (before) {
        expect(new Set(files)).toEqual(before);
      }
      frozen.set(partitionId, new Set(files));
    };

    await Promise.all(
      calls.flatMap((call, index) => {
        const bucket = bucketAt(call.bucket);
        call.batches.forEach(batch => expected.add(keyOf(bucket, batch)));
        const record = recordStagedBatches(db, {
          now,
          batches: call.batches.map(batch =>
            stagedBatch({ batch, bucket, stagedFile: `/s/${index}-${batch}` }),
          ),
        });
        return call.sealFirst
          ? [seal(bucketAt(call.bucket)), record]
          : [record, seal(bucketAt((call.bucket + 1) % 3))];
      }),
    );
    for (const bucket of [0, 1, 2, 3]) {
      await seal(bucketAt(bucket));
    }

    const sets = [...frozen.values()].flatMap(set => [...set]);
    expect(sets.sort()).toEqual([...expected].sort());
  }
});

/** Until some statement waits for another transaction to end. */
async function waitForLock(db: Knex): Promise<void> {
  for (;;) {
    const { rows } = await db.raw(
      `SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted`,
    );
    if (rows.length > 0) {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
