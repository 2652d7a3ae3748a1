import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** `producerProcess.ts` in a child process. */
export interface ProducerProcess {
  child: ChildProcess;
  /** Every line it has printed in full. */
  lines: string[];
  /** Resolves with the signal or exit code. */
  ended: Promise<string | number>;
  /** Waits for so many lines. */
  printed(count: number): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Ends what a failed test left behind; for `afterEach`. */
export function killProducers(): void {
  running.forEach(child => child.kill('SIGKILL'));
}

export function spawnProducer(...args: string[]): ProducerProcess {
  const child = spawn(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      join(__dirname, 'producerProcess.ts'),
      ...args,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  running.add(child);
  const lines: string[] = [];
  let onChange = () => {};
  const reader = createInterface({ input: child.stdout });
  reader.on('line', line => {
    lines.push(line);
    onChange();
  });
  const closed = once(reader, 'close');
  const ended = once(child, 'exit').then(async ([code, signal]) => {
    running.delete(child);
    await closed;
    onChange();
    return signal ?? code;
  });
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
    onChange();
  });
  return {
    child,
    lines,
    ended,
    printed: count =>
      new Promise((resolve, reject) => {
        onChange = () => {
          if (lines.length >= count) {
            resolve();
          } else if (hasEnded) {
            reject(new Error(`The producer ended after ${lines.length} lines`));
          }
        };
        onChange();
      }),
  };
}
