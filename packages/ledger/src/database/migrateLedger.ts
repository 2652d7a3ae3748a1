import { resolvePackagePath } from '@backstage/backend-plugin-api';
import knexFactory, { Knex } from 'knex';

/** Any number nobody else uses as an advisory lock in the ledger's database. */
const MIGRATION_LOCK = 6_211_954_120_031;

/**
 * Brings the ledger's schema up to date. Any number of processes may call it at
 * once: they queue on an advisory lock, which Postgres releases when its holder
 * dies. Knex' own lock is a row that outlives a killed process, so under the
 * advisory lock a left-over one is known to be stale and is freed.
 *
 * Runs on connections of its own, without the time limits of the others: an
 * index of a large table takes as long as it takes.
 *
 * @public
 */
export async function migrateLedger(db: Knex): Promise<void> {
  const directory = resolvePackagePath('@millrace/ledger', 'migrations');
  const unlimited = knexFactory({
    client: 'pg',
    connection: withoutLimits(db.client.config.connection),
    searchPath: db.client.config.searchPath,
    pool: { min: 0, max: 4 },
  });
  try {
    await unlimited.transaction(async tx => {
      await tx.raw('SELECT pg_advisory_xact_lock(?)', [MIGRATION_LOCK]);
      await unlimited.migrate.forceFreeMigrationsLock({ directory });
      await unlimited.migrate.latest({ directory });
    });
  } finally {
    await unlimited.destroy();
  }
}

function withoutLimits(
  connection: string | Knex.PgConnectionConfig,
): string | Knex.PgConnectionConfig {
  return typeof connection === 'string'
    ? connection
    : {
        ...connection,
        // Knex hides it from being copied.
        password: connection.password,
        statement_timeout: 0,
        idle_in_transaction_session_timeout: 0,
      };
}
