import pg from 'pg';
import { createDatabase } from '../bed/provision.mjs';
import { ledger } from '../bed/rooms.mjs';
import { count } from '../report/numbers.mjs';
import { createEstate } from './estate.mjs';
import { fillRegistry } from './fillRegistry.mjs';
import { throttle } from './throttle.mjs';

export const VERSIONS = 10;

/** Databases, and a registry that holds the estate. */
export async function prepareRegistry(context) {
  const { types, dir, scope, say } = context;
  const ledgerUrl = await createDatabase(context);
  const db = ledger.createLedgerClient({ connectionString: ledgerUrl });
  scope.onEnd(() => db.destroy());
  await ledger.migrateLedger(db);

  const server = new URL(ledgerUrl);
  server.pathname = '/postgres';
  const connection = server.toString();
  const prefix = `millrace_bench_${process.pid}_plugin_`;
  scope.onEnd(() => dropDatabases(connection, prefix));
  await query(connection, `CREATE DATABASE "${prefix}event-types"`);
  const registry = new URL(connection);
  registry.pathname = `/${prefix}event-types`;

  const estate = [...createEstate({ types, versions: VERSIONS })];
  say(`registering ${count(types)} event types of ${VERSIONS} versions each`);
  const startedAt = performance.now();
  const sayNow = throttle(say);
  const filled = await fillRegistry({
    connection: registry.toString(),
    estate,
    onProgress: done =>
      sayNow(
        () =>
          `  ${count(done)} of ${count(types)}, ${count(
            (done * VERSIONS * 1000) / (performance.now() - startedAt),
          )} versions a second`,
      ),
  });
  return { dir, ledgerUrl, db, connection, prefix, estate, filled };
}

async function dropDatabases(connection, prefix) {
  const { rows } = await query(
    connection,
    'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)',
    [prefix],
  );
  for (const { name } of rows) {
    await query(connection, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  }
}

async function query(connection, statement, values) {
  const client = new pg.Client({ connectionString: connection });
  await client.connect();
  try {
    return await client.query(statement, values);
  } finally {
    await client.end();
  }
}
