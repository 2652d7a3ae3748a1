import { execFile } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Workshop } from './workshop';

const ORACLE = pathToFileURL(
  path.resolve(__dirname, '../../../../../scripts/oracle'),
);

const SCRIPT = `
  import pg from 'pg';
  const [oracle, connectionString, root] = process.argv.slice(1);
  const { checkFates } = await import(oracle + '/fates.mjs');
  const { readBooks } = await import(oracle + '/books.mjs');
  const { readLake } = await import(oracle + '/lake.mjs');
  const client = new pg.Client({ connectionString,
    options: '-c default_transaction_read_only=on' });
  await client.connect();
  const query = async sql => (await client.query(sql)).rows;
  try {
    const lake = await readLake(root);
    const fates = await checkFates(query, lake);
    const books = await readBooks(query, lake);
    console.log(JSON.stringify({
      partitions: fates.partitions,
      fates: [...lake.problems, ...fates.problems],
      books: [...lake.problems, ...books.problems],
    }));
  } finally {
    await client.end();
  }`;

/** What the oracle says of a workshop's lake and ledger. */
export interface OracleAnswer {
  /** Partitions whose fates it has counted. */
  partitions: number;
  /** Complaints about fates of gateways alone. */
  fates: string[];
  /** Complaints about anything in the books. */
  books: string[];
}

/**
 * Asks the oracle, in a process of its own: it shares no code with what it
 * judges.
 */
export async function askOracle(shop: Workshop): Promise<OracleAnswer> {
  const { rows } = await shop.db.raw('SELECT current_database() AS name');
  const url = new URL(
    process.env.BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING!,
  );
  url.pathname = rows[0].name;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      SCRIPT,
      ORACLE.toString(),
      url.toString(),
      path.join(shop.folder, 'lake'),
    ],
    { cwd: __dirname, env: { ...process.env, NODE_OPTIONS: '' } },
  );
  return JSON.parse(stdout);
}
