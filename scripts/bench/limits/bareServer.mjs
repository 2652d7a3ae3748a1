import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { roleEnvironment } from '../bed/roles.mjs';
import { startProcess } from '../bed/processes.mjs';

const server = fileURLToPath(new URL('../bareServer.mjs', import.meta.url));

/**
 * Starts the bare intake the gateway is measured against.
 *
 * @param {import('../benchmarks/types').Context} context
 * @param {{ dir: string, processes: number }} options
 */
export async function startBareServer(
  { node, env, scope },
  { dir, processes },
) {
  const { pid, port, stop } = await startProcess({
    name: `bare server with ${processes} processes`,
    command: [node, server, dir, String(processes)],
    env: roleEnvironment(env),
    log: path.join(dir, `bare-${processes}.log`),
    scope,
  });
  return {
    target: { host: '127.0.0.1', port, path: '/', writeKey: 'none' },
    pids: { server: pid },
    stop,
  };
}
