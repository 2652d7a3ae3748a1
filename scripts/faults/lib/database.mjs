import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { root } from '../../lib/project.mjs';
import { freePort } from '../../lib/testDatabase.mjs';
import { Victim } from './process.mjs';
import { until } from './wait.mjs';

const ANSWER_LIMIT_MS = 60_000;

/**
 * A Postgres of the campaign's own that can be killed, stopped and started
 * again on the same port with the same data.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv, dir: string }} options
 */
export async function startDatabase({ node, env, dir }) {
  const port = await freePort();
  const data = path.join(dir, 'postgres');
  const server = new Victim({
    name: 'database',
    command: [
      node,
      path.join(root, 'packages/runtime/bin/millrace'),
      'test-database',
      data,
      String(port),
    ],
    env,
    log: path.join(dir, 'logs', 'database.log'),
  });
  await server.startHealthy();
  const base = `postgresql://postgres:postgres@127.0.0.1:${port}`;
  const pids = () => {
    const file = path.join(data, 'postmaster.pid');
    const main = Number(fs.readFileSync(file, 'utf8').split('\n')[0]);
    const children = fs.readFileSync(
      `/proc/${main}/task/${main}/children`,
      'utf8',
    );
    return [main, ...children.trim().split(' ').filter(Boolean).map(Number)];
  };
  const signal = name => {
    if (!server.isRunning) return;
    for (const pid of pids()) {
      try {
        process.kill(pid, name);
      } catch {
        // A connection that has just ended.
      }
    }
  };

  return {
    port,
    /** @returns {Promise<string>} connection string of a new, empty database */
    async create(name) {
      const client = new pg.Client({ connectionString: `${base}/postgres` });
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      return `${base}/${name}`;
    },
    /** kill -9 of every process of the server. */
    async kill() {
      signal('SIGKILL');
      await server.kill();
    },
    async restart() {
      if (!server.isRunning) await server.startHealthy();
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async stop() {
      if (!server.isRunning) return;
      server.life.child.kill('SIGTERM');
      const isGone = await until(() => !server.isRunning, ANSWER_LIMIT_MS);
      if (!isGone) await server.kill();
    },
  };
}
