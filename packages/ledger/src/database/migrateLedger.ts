import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { Knex } from 'knex';

/** Any number nobody else uses as an advisory lock in the ledger's database. */
const MIGRATION_LOCK = 6_211_954_120_031;

/**
 * Brings the ledger's schema up to date. Any number of processes may call it at
 * once: they queue on an advisory lock, which Postgres releases when its holder
 * dies. Knex' own lock is a row that outlives a killed process, so under the
 * advisory lock a left-over one is known to be stale and is freed.
 *
 * @public
 */
export async function migrateLedger(db: Knex): Promise<void> {
  const directory = resolvePackagePath('@millrace/ledger', 'migrations');
  await db.transaction(async tx => {
    await tx.raw('SELECT pg_advisory_xact_lock(?)', [MIGRATION_LOCK]);
    await db.migrate.forceFreeMigrationsLock({ directory });
    await db.migrate.latest({ directory });
  });
}
