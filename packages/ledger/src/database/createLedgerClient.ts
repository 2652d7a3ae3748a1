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
}

/**
 * Opens the ledger. No connection is made before the first operation, and none
 * is kept for ever, so a database that was away is found again without help.
 *
 * @public
 */
export function createLedgerClient(options: LedgerClientOptions): Knex {
  const { connectionString, maxConnections = 10 } = options;
  return knexFactory({
    client: 'pg',
    connection: {
      connectionString,
      application_name: 'millrace-ledger',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    },
    pool: { min: 0, max: maxConnections },
    acquireConnectionTimeout: 10_000,
  });
}
