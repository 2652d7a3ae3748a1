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
 * @param {{ node: string, env: NodeJS.ProcessEnv, dir: string,
 *   isDurable?: boolean }} options `isDurable`: with the settings of production,
 *   so that a commit that was answered survives the death of the server. The
 *   default is the one for tests, which flushes nothing
 */
export async function startDatabase({ node, env, dir, isDurable = false }) {
  const port = await freePort();
  const data = path.join(dir, 'postgres');
  const millrace = [node, path.join(root, 'packages/runtime/bin/millrace')];
  const server = new Victim({
    name: 'database',
    ...(isDurable
      ? {
          command: [...ordinaryUser(data), ...millrace, 'database'],
          env: {
            ...env,
            MILLRACE_DATABASE_DIR: data,
            MILLRACE_DATABASE_PORT: String(port),
            MILLRACE_DATABASE_PASSWORD: 'postgres',
          },
        }
      : {
          command: [...millrace, 'test-database', data, String(port)],
          env,
        }),
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

  const query = async (text, values) => {
    const client = new pg.Client({
      connectionString: `${base}/postgres`,
      connectionTimeoutMillis: ANSWER_LIMIT_MS,
    });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  };

  return {
    port,
    /**
     * The server processes that work for the client of that name.
     *
     * @returns {Promise<number[]>} process ids
     */
    async backendsOf(applicationName) {
      const rows = await query(
        'SELECT pid FROM pg_stat_activity WHERE application_name = $1',
        [applicationName],
      );
      return rows.map(({ pid }) => pid);
    },
    /** @returns {Promise<boolean>} whether it answers within the time */
    answers: (limitMs = ANSWER_LIMIT_MS) =>
      until(
        () =>
          query('SELECT 1').then(
            () => true,
            () => false,
          ),
        limitMs,
      ),
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

/**
 * Postgres refuses to run as root. As the library's own user it has to get into
 * the folder of the project; where it cannot, it is started in a user namespace
 * in which root has the number of an ordinary user.
 */
function ordinaryUser(data) {
  if (process.getuid?.() !== 0) return [];
  fs.mkdirSync(data, { recursive: true });
  const isOpen = dir =>
    dir === path.dirname(dir) ||
    ((fs.statSync(dir).mode & 0o001) !== 0 && isOpen(path.dirname(dir)));
  return isOpen(root) && isOpen(path.dirname(data))
    ? []
    : ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
}
