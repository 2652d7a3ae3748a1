import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { SetupError } from '../../lib/errors.mjs';
import { setupLog } from '../../lib/project.mjs';
import { run, step } from '../../lib/steps.mjs';

const execute = promisify(execFile);

/** @type {Set<string>} */
const mounted = new Set();
// A campaign that is interrupted leaves no disk behind.
process.on('exit', () =>
  mounted.forEach(dir => spawnSync('umount', ['-l', dir])),
);

/**
 * Makes sure that faults can be injected here: strace is installed (Debian's
 * package is brought where that is possible without asking for a password), and
 * the system lets it trace and kill.
 *
 * A campaign that cannot inject its faults has failed; it never skips them.
 *
 * @throws SetupError saying how to get what is missing
 */
export async function requireStrace(env) {
  if (!(await hasStrace(env))) await bringStrace(env);
  if (!(await hasStrace(env))) {
    throw new SetupError({
      what: 'The fault campaigns need strace, and none was found.',
      why: 'It injects faults into the system calls of the processes under test.',
      todo: 'Install it: sudo apt-get install strace',
    });
  }
  await requirePtrace(env);
}

async function hasStrace(env) {
  return execute('strace', ['-V'], { env }).then(
    () => true,
    () => false,
  );
}

async function bringStrace(env) {
  const canInstall =
    fs.existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
  if (!canInstall) return;
  const options = { cwd: '/', env, log: setupLog };
  await step('Installing strace for the fault campaigns', async () => {
    await run(
      'The package lists could not be fetched.',
      ['apt-get', 'update'],
      options,
    );
    await run(
      'strace could not be installed.',
      ['apt-get', 'install', '--yes', '--no-install-recommends', 'strace'],
      { ...options, env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } },
    );
  });
}

/** Kills a process at a call, and sees that it died of it. */
async function requirePtrace(env) {
  const inject = 'inject=write:signal=SIGKILL:when=1';
  const outcome = await execute(
    'strace',
    ['-o', '/dev/null', '-e', 'trace=write', '-e', inject, 'echo'],
    { env },
  ).then(
    () => ({ signal: null, stderr: 'the traced process was not killed' }),
    error => error,
  );
  if (outcome.signal === 'SIGKILL') return;
  throw new SetupError({
    what: 'strace is here, but may not inject faults.',
    why: String(outcome.stderr).trim().split('\n')[0],
    todo: 'Run where ptrace is allowed: as root on the machine itself, or in a container started with --cap-add=SYS_PTRACE.',
  });
}

/**
 * A small file system in memory, to be filled up.
 *
 * @param {string} name
 * @param {number} bytes
 * @returns {Promise<{ dir: string, close: () => Promise<void> }>}
 * @throws SetupError where mounting is not permitted
 */
export async function mountSmallDisk(name, bytes) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), `millrace-${name}-`));
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'none', dir]);
  } catch (error) {
    fs.rmSync(dir, { recursive: true, force: true });
    throw new SetupError({
      what: 'A full disk cannot be tried here: mounting a tmpfs failed.',
      why: String(error.stderr ?? error.message).trim(),
      todo: 'Run as root on the machine itself, or in a container started with --cap-add=SYS_ADMIN.',
    });
  }
  mounted.add(dir);
  return {
    dir,
    async close() {
      mounted.delete(dir);
      await execute('umount', ['-l', dir]);
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}
