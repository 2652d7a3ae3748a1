import path from 'node:path';
import { runRole } from '../roles/runRole';
import { startEmbeddedDatabase } from './database';

const STOP_LIMIT_MS = 30_000;

/** Runs a Postgres for a test run on the given port until told to stop. */
export function runTestDatabase(dir: string, port: string): Promise<void> {
  return runRole('test-database', async () => {
    const { child } = await startEmbeddedDatabase({
      command: [process.execPath, process.argv[1]],
      dir: path.resolve(dir),
      port: Number(port),
      password: 'postgres',
      logFile: path.resolve(dir, '..', 'postgres.log'),
      flags: '-c fsync=off -c synchronous_commit=off -c max_connections=300',
    });
    return { stop: async () => child?.stop(STOP_LIMIT_MS) };
  });
}
