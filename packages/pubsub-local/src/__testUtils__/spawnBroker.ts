import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A broker in a child process. */
export interface BrokerProcess {
  child: ChildProcess;
  /** The first line it printed. */
  first: BrokerLine;
  /** The next line it prints. */
  next(): Promise<BrokerLine>;
  kill(): Promise<void>;
}

export interface BrokerLine {
  port?: number;
  failed?: string;
  fatal?: string;
  message?: string;
}

const running = new Set<ChildProcess>();

/** Ends what a failed test left behind; for `afterEach`. */
export function killBrokers(): void {
  running.forEach(child => child.kill('SIGKILL'));
}

/**
 * Starts `brokerProcess.ts` from source and waits for its first line.
 *
 * @param limitFileKiB largest file the process may write
 */
export async function spawnBroker(options: {
  dataDir: string;
  port?: number;
  limitFileKiB?: number;
}): Promise<BrokerProcess> {
  const { dataDir, port = 0, limitFileKiB } = options;
  const node = [
    process.execPath,
    '--require',
    require.resolve('@backstage/cli/config/nodeTransform.cjs'),
    join(__dirname, 'brokerProcess.ts'),
    dataDir,
    String(port),
  ];
  const [command, ...args] =
    limitFileKiB === undefined
      ? node
      : [
          'bash',
          '-c',
          // With the signal ignored a write beyond the limit fails with EFBIG.
          `trap '' XFSZ; ulimit -f ${limitFileKiB}; exec "$@"`,
          'bash',
          ...node,
        ];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  running.add(child);
  const exited = once(child, 'exit').then(() => running.delete(child));
  const lines = createInterface({ input: child.stdout })[
    Symbol.asyncIterator
  ]();
  const next = async (): Promise<BrokerLine> => {
    const { value, done } = await lines.next();
    if (done) {
      throw new Error('The broker process ended without a word');
    }
    return JSON.parse(value);
  };
  return {
    child,
    first: await next(),
    next,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
