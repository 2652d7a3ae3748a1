import knexFactory, { Knex } from 'knex';

/** @public */
export interface LedgerClientOptions {
  /** Postgres connection string of the ledger's own database. */
  connectionString: string;
  /**
   * Upper bound of open connections. Raise it when a worker seals many event
   * types at once. Default 10.
   */
  maxConnections?: number;
  /**
   * After this long the database ends a statement, waiting for locks included.
   * Far above what any operation takes: it ends what would never end. Default
   * 60 s; 0 is without limit.
   */
  statementTimeoutMs?: number;
}

/**
 * A transaction that says nothing for so long has lost its client: a machine
 * that vanished says no goodbye. The database ends it, or its locks would keep
 * others from taking over until the operating system gives the connection up.
 */
const IDLE_IN_TRANSACTION_MS = 60_000;

/**
 * Opens the ledger. No connection is made before the first operation, and none
 * is kept for ever, so a database that was away is found again without help.
 *
 * @public
 */
export function createLedgerClient(options: LedgerClientOptions): Knex {
  const {
    connectionString,
    maxConnections = 10,
    statementTimeoutMs = 60_000,
  } = options;
  return knexFactory({
    client: 'pg',
    connection: {
      connectionString,
      application_name: 'millrace-ledger',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    },
    pool: { min: 0, max: maxConnections },
    acquireConnectionTimeout: 10_000,
  });
}
