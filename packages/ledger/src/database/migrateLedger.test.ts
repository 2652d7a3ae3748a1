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
