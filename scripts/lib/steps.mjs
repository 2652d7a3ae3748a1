import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { explainFailure, SetupError } from './errors.mjs';

const isTerminal = process.stderr.isTTY === true && !process.env.CI;
const REFRESH_MS = 250;
const STOP_LIMIT_MS = 5_000;
const leash = fileURLToPath(new URL('./leash.mjs', import.meta.url));

/**
 * Runs `work` as one visible step: a single progress line on a terminal, a
 * start and an end line elsewhere. Everything the step prints goes to the log.
 *
 * @template T
 * @param {string} title what is being done, in words
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const startedAt = Date.now();
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(0);
  let timer;
  if (isTerminal) {
    const draw = () =>
      process.stderr.write(`\r\x1b[K… ${title} (${seconds()} s)`);
    draw();
    timer = setInterval(draw, REFRESH_MS);
  } else {
    process.stderr.write(`… ${title}\n`);
  }
  const end = mark => {
    clearInterval(timer);
    process.stderr.write(
      `${isTerminal ? '\r\x1b[K' : ''}${mark} ${title} (${seconds()} s)\n`,
    );
  };
  try {
    const result = await work();
    end('✔');
    return result;
  } catch (error) {
    end('✖');
    throw error;
  }
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * Ends every command started by {@link run} and waits until it is gone, so
 * that the next start does not meet it; called on Ctrl-C.
 */
export async function stopRunning() {
  await Promise.all([...running].map(child => stopGroup(child.pid)));
}

/** The whole group: package managers and compilers have children of their own. */
async function stopGroup(pid) {
  signalGroup(pid, 'SIGTERM');
  const deadline = Date.now() + STOP_LIMIT_MS;
  while (signalGroup(pid, 0)) {
    if (Date.now() > deadline) {
      signalGroup(pid, 'SIGKILL');
      return;
    }
    await delay(50);
  }
}

/** @returns whether there is anybody to take the signal */
function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** On a full disk the command's own error says so; its log cannot. */
function writeIfPossible(file, chunk) {
  try {
    fs.writeSync(file, chunk);
  } catch {
    // The output is kept in memory too.
  }
}

/**
 * Runs a command quietly, its output appended to the log file.
 *
 * @param {string} what the sentence to show when it fails
 * @param {string[]} command program and arguments
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, log: string, show?: boolean,
 *   showOnFailure?: boolean }} options `show` passes the output through, for
 *   commands whose output is the result; `showOnFailure` prints it when it fails
 * @returns {Promise<string>} what it printed
 * @throws SetupError naming the likely cause
 */
export function run(
  what,
  [program, ...args],
  { cwd, env, log, show = false, showOnFailure = false },
) {
  fs.mkdirSync(path.dirname(log), { recursive: true });
  const file = fs.openSync(log, 'a');
  fs.writeSync(file, `\n$ ${[program, ...args].join(' ')}\n`);
  return new Promise((resolve, reject) => {
    // Its own process group, so that Ctrl-C reaches it once and in our order.
    const child = spawn(process.execPath, [leash, program, ...args], {
      cwd,
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    const take = stream => chunk => {
      output = (output + chunk).slice(-200_000);
      writeIfPossible(file, chunk);
      if (show) stream.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    child.on('error', error => {
      running.delete(child);
      fs.closeSync(file);
      reject(explainFailure({ what, output: String(error), log }));
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      fs.closeSync(file);
      if (code === 0) {
        resolve(output);
        return;
      }
      if (showOnFailure) process.stderr.write(`\n${output}\n`);
      // What a person has just read needs no guess at its cause.
      const isOnScreen = show || showOnFailure;
      reject(
        isOnScreen
          ? new SetupError({
              what,
              todo: 'Correct what the output above names.',
              log,
            })
          : explainFailure({ what, output, signal, log }),
      );
    });
  });
}
