import { findSealedPartitions, listSealedPartitions } from '..';
import {
  bucketAt,
  explain,
  minutes,
  sealBucket,
  useLedger,
} from '../../__testUtils__/ledger';
import { listSealedPartitionsSql } from './listSealedPartitions';

jest.setTimeout(60_000);

describe('reading sealed partitions', () => {
  const ledger = useLedger();

  /** The next revision of a bucket, in whatever state. */
  async function revise(n: number, state: 'sealing' | 'sealed') {
    if (state === 'sealed') {
      await ledger()('partitions')
        .where({ bucket_start: minutes(n) })
        .update({ superseded_at: minutes(n + 2) });
    }
    await ledger().raw(
      `INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision, sealed_at)
       SELECT event_type, bucket_start, bucket_seconds, bucket_end,
         max(revision) + 1, ?, '{}', now()
       FROM partitions WHERE bucket_start = ? GROUP BY 1, 2, 3, 4`,
      [state, minutes(n)],
    );
  }

  it('lists revisions in order, a page at a time, in a range', async () => {
    for (const n of [0, 1, 2, 3]) {
      await sealBucket(ledger(), { bucket: bucketAt(n) });
    }
    await revise(1, 'sealed');
    await revise(2, 'sealing');
    const list = async (
      options: Partial<Parameters<typeof listSealedPartitions>[1]>,
    ) =>
      (
        await listSealedPartitions(ledger(), {
          eventType: 'page.viewed',
          includeSuperseded: false,
          limit: 10,
          ...options,
        })
      ).map(
        ({ bucketStart, revision, isCurrent }) =>
          `${bucketStart.getUTCMinutes()}r${revision}${
            isCurrent ? '' : ' old'
          }`,
      );
    await expect(list({})).resolves.toEqual(['0r1', '1r2', '2r1', '3r1']);
    await expect(list({ includeSuperseded: true })).resolves.toEqual([
      '0r1',
      '1r1 old',
      '1r2',
      '2r1',
      '3r1',
    ]);
    await expect(
      list({ includeSuperseded: true, revision: 1, to: minutes(2) }),
    ).resolves.toEqual(['0r1', '1r1 old']);
    await expect(list({ from: minutes(1), to: minutes(3) })).resolves.toEqual([
      '1r2',
      '2r1',
    ]);
    await expect(
      list({
        includeSuperseded: true,
        after: { bucketStart: minutes(1), revision: 1 },
        limit: 2,
      }),
    ).resolves.toEqual(['1r2', '2r1']);
  });

  it('finds many buckets in one statement, those that are sealed and as readers see them', async () => {
    for (const n of [0, 1]) {
      await sealBucket(ledger(), { bucket: bucketAt(n) });
    }
    await revise(0, 'sealed');
    await revise(1, 'sealing');
    let statements = 0;
    const count = () => {
      statements += 1;
    };
    ledger().on('query', count);
    const found = await findSealedPartitions(ledger(), {
      buckets: Array.from({ length: 500 }, (_, n) => ({
        eventType: n === 499 ? 'no.such' : 'page.viewed',
        bucketStart: minutes(n),
      })),
    });
    ledger().removeListener('query', count);
    expect(statements).toBe(1);
    expect(
      found.map(({ bucketStart, revision }) => [bucketStart, revision]),
    ).toEqual([
      [minutes(0), 2],
      [minutes(1), 1],
    ]);
  });

  it('reads a page along the index, without sorting', async () => {
    await ledger().raw(
      `INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision, sealed_at)
       SELECT 'type-' || t, at, 60, at + interval '1 minute', 1, 'sealed',
         '{}', at + interval '2 minutes'
       FROM generate_series(1, 20) AS t, generate_series(
         timestamptz '2026-01-01', '2026-01-02', interval '1 minute') AS at`,
    );
    await ledger().raw('ANALYZE partitions');
    const after = {
      bucketStart: new Date('2026-01-01T12:00:00Z'),
      revision: 1,
    };
    const plan = await explain(
      ledger(),
      listSealedPartitionsSql({ includeSuperseded: true, after }),
      {
        eventType: 'type-7',
        from: '-infinity',
        to: 'infinity',
        afterStart: after.bucketStart,
        afterRevision: after.revision,
        limit: 100,
      },
    );
    expect(plan).toContain('partitions_event_type_bucket_start_revision_key');
    // The files of each are sorted by name; the page is not.
    expect(plan).not.toContain('"Sort Key":["p.');
  });
});
