import fs from 'node:fs';
import { spawn } from 'node:child_process';

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 40_000;
const LOOK_MS = 200;

/**
 * Starts a process that says `{ type: 'ready' }` over its IPC channel and stops
 * on SIGTERM, as every role of Millrace does. It also stops when this process
 * is gone.
 *
 * @param {{ name: string, command: string[], env: NodeJS.ProcessEnv,
 *   cwd?: string, log: string, isReady?: () => Promise<boolean>,
 *   readyLimitMs?: number,
 *   scope: ReturnType<import('./scope.mjs').createScope> }} options
 *   `scope` ends it, and hears of it when it ends by itself; `isReady` looks
 *   whether it is, where the process does not say so itself
 * @returns {Promise<{ pid: number, port?: number, stop: () => Promise<void>,
 *   describe: (what: string) => Error }>} `describe` adds the end of its log
 * @throws Error with the end of its log when it does not get ready
 */
export async function startProcess(options) {
  const { name, command, env, cwd, log, scope, isReady } = options;
  const { readyLimitMs = READY_LIMIT_MS } = options;
  const [program, ...args] = command;
  const output = fs.openSync(log, 'a');
  const child = spawn(program, args, {
    env,
    cwd,
    stdio: ['ignore', output, output, 'ipc'],
  });
  fs.closeSync(output);
  const exited = new Promise(resolve => child.once('exit', resolve));
  child.once('error', () => {});
  const ready = await new Promise(resolve => {
    const limit = setTimeout(() => resolve(undefined), readyLimitMs);
    const settle = message => {
      clearTimeout(limit);
      resolve(message);
    };
    child.on('message', message => message.type === 'ready' && settle(message));
    let hasEnded = false;
    exited.then(() => {
      hasEnded = true;
      settle(undefined);
    });
    const look = async () => {
      if (await isReady().catch(() => false)) settle({ type: 'ready' });
      else if (!hasEnded) setTimeout(look, LOOK_MS);
    };
    if (isReady) look();
  });
  const describe = what =>
    new Error(`${what}:\n${fs.readFileSync(log, 'utf8').slice(-2_000)}`);
  let isStopping = false;
  const stop = async () => {
    isStopping = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(limit);
  };
  if (!ready) {
    await stop();
    throw describe(`The ${name} did not get ready`);
  }
  exited.then(() => {
    if (!isStopping) scope.fail(describe(`The ${name} ended by itself`));
  });
  scope.onEnd(stop);
  return { pid: child.pid, port: ready.port, stop, describe };
}
