import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fork } from 'node:child_process';
import { root } from './project.mjs';
import { SetupError } from './errors.mjs';

const START_LIMIT_MS = 120_000;

/**
 * Starts a real Postgres for the tests, in a folder that is deleted at the end.
 *
 * @returns {Promise<{ env: NodeJS.ProcessEnv, stop: () => Promise<void> }>} the
 *   settings by which the tests find it
 */
export async function startTestDatabase({ node, env }) {
  const given =
    process.env.BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING;
  if (given) {
    return { env: testEnvironment(given), stop: async () => {} };
  }
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-test-'));
  // Under root the server runs as another user, who has to get in.
  fs.chmodSync(dir, 0o755);
  const port = await freePort();
  const log = path.join(dir, 'database.log');
  const output = fs.openSync(log, 'a');
  const child = fork(
    path.join(root, 'packages/runtime/bin/millrace'),
    ['test-database', path.join(dir, 'postgres'), String(port)],
    {
      execPath: node,
      cwd: root,
      env,
      stdio: ['ignore', output, output, 'ipc'],
    },
  );
  fs.closeSync(output);
  const exited = new Promise(resolve => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    fs.rmSync(dir, { recursive: true, force: true });
  };
  const isReady = await new Promise(resolve => {
    const limit = setTimeout(() => resolve(false), START_LIMIT_MS);
    const settle = value => {
      clearTimeout(limit);
      resolve(value);
    };
    child.on('message', message => message.type === 'ready' && settle(true));
    exited.then(() => settle(false));
  });
  if (!isReady) {
    const tail = fs.readFileSync(log, 'utf8').slice(-2000);
    await stop();
    throw new SetupError({
      what: 'The Postgres for the tests did not start.',
      why: tail,
      todo: 'Fix the cause above, or set BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING to a Postgres 18 of your own.',
    });
  }
  return {
    env: testEnvironment(
      `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`,
    ),
    stop,
  };
}

function testEnvironment(connectionString) {
  return {
    BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING: connectionString,
    BACKSTAGE_TEST_DISABLE_DOCKER: '1',
  };
}

/** A TCP port that nobody listens on at this moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
