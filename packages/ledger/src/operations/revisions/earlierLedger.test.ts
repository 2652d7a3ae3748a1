import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import { listSealedSince } from '..';
import { bucketAt, minutes, uuid } from '../../__testUtils__/ledger';
import { migrateLedger } from '../../database/migrateLedger';

jest.setTimeout(60_000);

describe('a ledger from before revisions', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  it('has its partitions in the order they were sealed, and knows which of them refuse an event', async () => {
    const db = await databases.init('POSTGRES_18');
    await migrateLedger(db);
    await db.migrate.down({
      directory: resolvePackagePath('@millrace/ledger', 'migrations'),
      name: '20261129000001_revisions.js',
    });
    const insert = async (n: number, state: string, sealedAt: Date | null) =>
      (
        await db('partitions')
          .insert({
            event_type: 'page.viewed',
            bucket_start: bucketAt(n).start,
            bucket_seconds: 60,
            bucket_end: bucketAt(n + 1).start,
            revision: 1,
            state,
            sealed_at: sealedAt,
            decision: '{}',
          })
          .returning('partition_id')
      )[0].partition_id;
    await insert(0, 'sealed', minutes(9));
    const refusing = await insert(1, 'sealed', minutes(3));
    await insert(2, 'sealing', null);
    await db('refused_events').insert({
      refusal_id: uuid(1),
      stage: 'sealing',
      event_type: 'page.viewed',
      reason: 'cast_failed',
      message: 'is not a number',
      received_at: minutes(1),
      last_received_at: minutes(1),
      seen_count: 1,
      event: '{}',
      partition_id: refusing,
    });

    await migrateLedger(db);

    const before = await listSealedSince(db, { afterSeq: '0', limit: 10 });
    expect(before.map(({ bucketStart }) => bucketStart)).toEqual([
      bucketAt(1).start,
      bucketAt(0).start,
    ]);
    expect(await db('partition_refusals')).toEqual([
      { partition_id: refusing, refusal_id: uuid(1) },
    ]);
    // What is sealed from now on comes after them.
    await db('partitions')
      .where({ state: 'sealing' })
      .update({ state: 'sealed', sealed_at: minutes(1) });
    const [next] = await listSealedSince(db, {
      afterSeq: before[1].seq,
      limit: 10,
    });
    expect(next.bucketStart).toEqual(bucketAt(2).start);
  });
});
