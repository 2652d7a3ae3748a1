import fs from 'node:fs';
import path from 'node:path';
import { ChildProcess, spawn } from 'node:child_process';

/** A process started by `up`, writing to a log file of its own. */
export interface Child {
  name: string;
  pid: number | undefined;
  /** Resolves when the process has ended. */
  exited: Promise<{ code?: number; signal?: string }>;
  /** Waits for the `ready` message; false when it ended or the limit passed. */
  ready(limitMs: number): Promise<boolean>;
  /** SIGTERM, and SIGKILL when it has not ended after the limit. */
  stop(limitMs: number): Promise<void>;
}

export interface ChildOptions {
  name: string;
  command: string[];
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  logFile: string;
}

/**
 * Starts a process with an IPC channel: it says `ready` through it, and it
 * sees it close when this process is gone.
 */
export function startChild(options: ChildOptions): Child {
  fs.mkdirSync(path.dirname(options.logFile), { recursive: true });
  const log = fs.openSync(options.logFile, 'a');
  const [program, ...args] = [...options.command, ...options.args];
  const child: ChildProcess = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', log, log, 'ipc'],
  });
  fs.closeSync(log);

  const exited = new Promise<{ code?: number; signal?: string }>(resolve => {
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? undefined, signal: signal ?? undefined }),
    );
    child.once('error', error => {
      fs.appendFileSync(options.logFile, `${error.message}\n`);
      resolve({ code: 1 });
    });
  });
  const isReady = new Promise<true>(resolve => {
    child.on('message', message => {
      if ((message as { type?: string }).type === 'ready') resolve(true);
    });
  });

  return {
    name: options.name,
    pid: child.pid,
    exited,
    ready: limitMs => within(limitMs, [isReady, exited.then(() => false)]),
    stop: async limitMs => {
      child.kill('SIGTERM');
      const hasEnded = await within(limitMs, [exited.then(() => true)]);
      if (!hasEnded) {
        child.kill('SIGKILL');
        await exited;
      }
    },
  };
}

async function within(
  limitMs: number,
  outcomes: Promise<boolean>[],
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<false>(resolve => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([...outcomes, limit]);
  } finally {
    clearTimeout(timer);
  }
}
