import { TestDatabases } from '@backstage/backend-test-utils';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { Knex } from 'knex';
import { createLedgerClient } from './createLedgerClient';
import { migrateLedger } from './migrateLedger';

jest.setTimeout(60_000);

describe('migrateLedger', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

  const tables = async (db: Knex): Promise<string[]> =>
    db('information_schema.tables')
      .where({ table_schema: 'public' })
      .whereNot('table_name', 'like', 'knex_%')
      .pluck('table_name');

  it('builds the schema once under concurrent starts, and takes it down again', async () => {
    const db = await databases.init('POSTGRES_18');
    await Promise.all([
      migrateLedger(db),
      migrateLedger(db),
      migrateLedger(db),
    ]);
    await expect(tables(db)).resolves.toEqual(
      expect.arrayContaining(['partitions', 'staged_batches', 'event_ids']),
    );

    const directory = resolvePackagePath('@millrace/ledger', 'migrations');
    await db.migrate.rollback({ directory }, true);
    await expect(tables(db)).resolves.toEqual([]);
  });

  it('takes a ledger from before id files along: what may be published is marked, what is sealed has no staged files, old ids stay', async () => {
    const db = await databases.init('POSTGRES_18');
    await migrateLedger(db);
    const directory = resolvePackagePath('@millrace/ledger', 'migrations');
    await db.migrate.down({ directory, name: '20261124000001_id_files.js' });
    const insert = (minute: number, state: string, more: object = {}) => {
      const start = new Date(Date.UTC(2026, 0, 10, 12, minute));
      return db('partitions').insert({
        event_type: 'page.viewed',
        bucket_start: start,
        bucket_seconds: 60,
        bucket_end: new Date(start.getTime() + 60_000),
        revision: 1,
        state,
        decision: '{}',
        began_at: start,
        ...more,
      });
    };
    await insert(0, 'sealed', { sealed_at: new Date() });
    // Failed before it was published; the one begun last may not have.
    await insert(1, 'sealing');
    await insert(2, 'sealing');
    const id = '00000000-0000-4000-8000-000000000001';
    const old = {
      event_type: 'page.viewed',
      event_key: id,
      content_hash: id,
      sealed_at: new Date(),
    };
    await db('event_ids').insert(old);

    await migrateLedger(db);

    const rows = await db('partitions').orderBy('bucket_start');
    expect(
      rows.map(row => [
        row.publishing_since !== null,
        row.staged_removed_at !== null,
      ]),
    ).toEqual([
      [false, true],
      [false, false],
      [true, false],
    ]);
    expect(await db('event_ids').pluck('event_key')).toEqual([id]);
    await expect(
      db('event_ids').insert({ ...old, event_type: 'page.left' }),
    ).rejects.toThrow('event_ids_are_in_files_now');
  });

  it('keeps the fates of buckets from before they were kept by gateway, and adds them up on the way back', async () => {
    const db = await databases.init('POSTGRES_18');
    await migrateLedger(db);
    const start = new Date('2026-01-10T12:00:00Z');
    const [{ partition_id: partitionId }] = await db('partitions')
      .insert({
        event_type: 'page.viewed',
        bucket_start: start,
        bucket_seconds: 60,
        bucket_end: new Date(start.getTime() + 60_000),
        revision: 1,
        state: 'sealed',
        decision: '{}',
        sealed_at: start,
      })
      .returning('partition_id');
    const most = `${2n ** 64n - 1n}`;
    await db('partition_fates').insert(
      ['g-1', 'g-2'].map(gateway => ({
        partition_id: partitionId,
        event_type: 'page.viewed',
        receive_start: start,
        gateway,
        epoch: 'e',
        accepted: 3,
        delivered: 2,
        duplicates: 0,
        refused: 1,
        accepted_sum: 1,
        delivered_sum: most,
        duplicates_sum: 0,
        refused_sum: 2,
      })),
    );
    const directory = resolvePackagePath('@millrace/ledger', 'migrations');
    const name = '20261202000001_fates_by_gateway.js';
    const together = {
      accepted: '6',
      delivered: '4',
      refused: '2',
      accepted_sum: '2',
      delivered_sum: `${2n ** 64n - 2n}`,
      refused_sum: '4',
    };

    await db.migrate.down({ directory, name });
    await expect(db('partition_fates')).resolves.toMatchObject([together]);

    await migrateLedger(db);
    await expect(db('partition_fates')).resolves.toMatchObject([
      { ...together, gateway: '', epoch: '' },
    ]);
  });

  it('is not stopped by the lock of a process that was killed while migrating', async () => {
    const db = await databases.init('POSTGRES_18');
    await migrateLedger(db);
    await db('knex_migrations_lock').update({ is_locked: 1 });
    await expect(migrateLedger(db)).resolves.toBeUndefined();
  });

  it('is not held to the time limits under which others work', async () => {
    const owner = await databases.init('POSTGRES_18');
    const { rows } = await owner.raw('SELECT current_database() AS name');
    const url = new URL(
      process.env.BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING!,
    );
    url.pathname = rows[0].name;
    const client = createLedgerClient({
      connectionString: url.toString(),
      statementTimeoutMs: 1,
    });
    try {
      await expect(migrateLedger(client)).resolves.toBeUndefined();
      await expect(client.raw('SELECT pg_sleep(5)')).rejects.toMatchObject({
        code: '57014',
      });
    } finally {
      await client.destroy();
    }
  });

  it('finds a database again that was away', async () => {
    const owner = await databases.init('POSTGRES_18');
    const { rows } = await owner.raw('SELECT current_database() AS name');
    const url = new URL(
      process.env.BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING!,
    );
    url.pathname = rows[0].name;
    const client = createLedgerClient({ connectionString: url.toString() });
    try {
      await client.raw('SELECT 1');
      await owner.raw(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'millrace-ledger'`,
      );
      // A query may still meet the dying connection; later ones must not.
      const deadline = Date.now() + 10_000;
      let answer: unknown;
      while (!answer && Date.now() < deadline) {
        answer = await client.raw('SELECT 1 AS one').catch(() => undefined);
      }
      expect(answer).toMatchObject({ rows: [{ one: 1 }] });
    } finally {
      await client.destroy();
    }
  });
});
