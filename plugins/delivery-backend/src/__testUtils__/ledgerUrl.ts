import type { Knex } from 'knex';

/** The connection string of a test database, or of a line to it. */
export function connectionStringOf(
  knex: Knex,
  line?: { port: number },
): string {
  const { host, port, user, password, database } =
    knex.client.config.connection;
  const address = line ? `127.0.0.1:${line.port}` : `${host}:${port}`;
  return `postgresql://${user}:${password}@${address}/${database}`;
}
