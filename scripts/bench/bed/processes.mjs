import fs from 'node:fs';
import { spawn } from 'node:child_process';

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 40_000;

/**
 * Starts a process that says `{ type: 'ready' }` over its IPC channel and stops
 * on SIGTERM, as every role of Millrace does. It also stops when this process
 * is gone.
 *
 * @param {{ name: string, command: string[], env: NodeJS.ProcessEnv,
 *   log: string, scope: ReturnType<import('./scope.mjs').createScope> }} options
 *   `scope` ends it, and hears of it when it ends by itself
 * @returns {Promise<{ pid: number, port?: number, stop: () => Promise<void>,
 *   describe: (what: string) => Error }>} `describe` adds the end of its log
 * @throws Error with the end of its log when it does not get ready
 */
export async function startProcess({ name, command, env, log, scope }) {
  const [program, ...args] = command;
  const output = fs.openSync(log, 'a');
  const child = spawn(program, args, {
    env,
    stdio: ['ignore', output, output, 'ipc'],
  });
  fs.closeSync(output);
  const exited = new Promise(resolve => child.once('exit', resolve));
  child.once('error', () => {});
  const ready = await new Promise(resolve => {
    const limit = setTimeout(() => resolve(undefined), READY_LIMIT_MS);
    const settle = message => {
      clearTimeout(limit);
      resolve(message);
    };
    child.on('message', message => message.type === 'ready' && settle(message));
    exited.then(() => settle(undefined));
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
