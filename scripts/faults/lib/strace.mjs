import fs from 'node:fs';
import { spawn } from 'node:child_process';
import { until } from './wait.mjs';

const DETACH_LIMIT_MS = 5_000;

/**
 * The calls by which a process makes something durable, or tells somebody. The
 * question mark: not every machine knows every name.
 */
export const CALLS = [
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'pwritev2',
  'fdatasync',
  'fsync',
  'msync',
  'sync_file_range',
  'ftruncate',
  'fallocate',
  'rename',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'unlink',
  'unlinkat',
  'sendmsg',
  'sendto',
];

/** What a worker does besides: it copies, makes folders, closes files off. */
export const DELIVERY_CALLS = [
  ...CALLS,
  'copy_file_range',
  'sendfile',
  'mkdir',
  'mkdirat',
  'chmod',
  'fchmodat',
];

/**
 * What to do at the n-th call. strace counts for each thread apart.
 *
 * @typedef {{ call: string, ordinal: number, error?: string,
 *   signal?: string }} Injection without `error` the process gets the signal,
 *   by default SIGKILL, of which it dies before the call has done anything;
 *   SIGSTOP stops it right after the call
 */

/**
 * The strace command that a process is started under.
 *
 * `--seccomp-bpf` would be faster, but with it strace 6.1 delivers no signals.
 *
 * @param {{ output: string, injection?: Injection, isOneThread?: boolean,
 *   calls?: string[] }} options
 */
export function straceCommand(options) {
  const { output, injection, isOneThread = false, calls = CALLS } = options;
  const { call, ordinal, error, signal = 'SIGKILL' } = injection ?? {};
  const inject = injection && [
    '-e',
    `inject=${call}:${
      error ? `error=${error}` : `signal=${signal}`
    }:when=${ordinal}`,
  ];
  return [
    'strace',
    ...(isOneThread ? [] : ['-f']),
    '-yy',
    '-s',
    '0',
    '-o',
    output,
    '-e',
    `trace=${calls.map(name => `?${name}`).join(',')}`,
    ...(inject ?? []),
  ];
}

/**
 * The threads of a Node process in which calls happen: the one that runs
 * JavaScript, and the one (see UV_THREADPOOL_SIZE) that waits for the disk.
 *
 * @returns {{ main: number, pool?: number }} thread ids
 */
export function threadsOf(pid) {
  const pool = fs
    .readdirSync(`/proc/${pid}/task`)
    .find(thread =>
      fs
        .readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8')
        .startsWith('libuv-worker'),
    );
  return { main: pid, pool: pool && Number(pool) };
}

/**
 * Attaches to a running process, or with `isOneThread` to one thread of it, or
 * to several processes; the calls are counted from here on, in each thread.
 *
 * @param {number | number[]} pids
 * @returns {Promise<{ detach: () => Promise<void> }>} detaching leaves the
 *   process running
 */
export async function attach(pids, options) {
  const [program, ...args] = straceCommand(options);
  const targets = [pids].flat().flatMap(pid => ['-p', String(pid)]);
  const tracer = spawn(program, [...args, ...targets], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  let hasEnded = false;
  const ended = new Promise(resolve => {
    tracer.once('close', () => {
      hasEnded = true;
      resolve();
    });
  });
  await new Promise((resolve, reject) => {
    tracer.once('error', reject);
    tracer.stderr.on('data', chunk => {
      said += chunk;
      if (/Process \d+ attached/.test(said)) resolve();
    });
    ended.then(() =>
      reject(new Error(`strace could not attach: ${said.trim()}`)),
    );
  });
  return {
    get hasEnded() {
      return hasEnded;
    },
    async detach() {
      if (!hasEnded) tracer.kill('SIGINT');
      // It may wait for a thread of a process that has died, and for ever.
      if (!(await until(() => hasEnded, DETACH_LIMIT_MS))) {
        tracer.kill('SIGKILL');
      }
      await ended;
    },
  };
}

// Of a single thread strace writes no number.
const LINE = /^(?:(\d+)\s+)?(\w+)\((.*)$/;
/** The rest of a call during which another thread made one. */
const RESUMED = /^(?:(\d+)\s+)?<\.\.\. \w+ resumed>(.*)$/;
const UNFINISHED = /(= \?|<unfinished \.\.\.>)\s*$/;
const INJECTED = /\(INJECTED\)/;
const DESCRIPTOR = /^\d+<((?:->|[^>])*)>/;
/** After the descriptor that is read and the offset in it. */
const COPIED_TO = /^\d+<[^>]*>, [^,]*, \d+<([^>]*)>/;
const PATH = /"((?:[^"\\]|\\.)*)"/g;

/**
 * Reads what strace wrote: every call with its number in its thread.
 *
 * @param {string} output
 * @returns {{ thread: number, call: string, ordinal: number, target: string,
 *   paths: string[], isUnfinished: boolean, isInjected: boolean }[]} in the
 *   order in which they began; `target` as strace names it: a path, or a
 *   connection; `paths`: those the call was given, of a `link` both
 */
export function readCalls(output) {
  const counts = new Map();
  /** The last call of each thread. */
  const latest = new Map();
  const calls = [];
  for (const line of fs.readFileSync(output, 'utf8').split('\n')) {
    const resumed = RESUMED.exec(line);
    const begun = resumed && latest.get(resumed[1] ?? '');
    if (begun) {
      begun.isUnfinished = UNFINISHED.test(resumed[2]);
      begun.isInjected = INJECTED.test(resumed[2]);
    }
    const match = LINE.exec(line);
    if (!match) continue;
    const [, thread = '', call, rest] = match;
    const key = `${thread} ${call}`;
    const ordinal = (counts.get(key) ?? 0) + 1;
    counts.set(key, ordinal);
    const paths = [...rest.matchAll(PATH)].map(([, path]) => path);
    const made = {
      thread: Number(thread),
      call,
      ordinal,
      target: targetOf(call, rest, paths),
      paths,
      isUnfinished: UNFINISHED.test(rest),
      isInjected: INJECTED.test(rest),
    };
    calls.push(made);
    latest.set(thread, made);
  }
  return calls;
}

/** Of a copy between two descriptors the one that is written to. */
function targetOf(call, rest, paths) {
  const descriptor =
    call === 'copy_file_range' ? COPIED_TO.exec(rest) : DESCRIPTOR.exec(rest);
  return descriptor?.[1] ?? paths.at(-1) ?? '';
}
