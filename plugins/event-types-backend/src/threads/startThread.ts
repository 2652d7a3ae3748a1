import { Worker, parentPort, workerData } from 'node:worker_threads';

/** What a thread says. */
export type WorkerMessage<Answer> =
  | { kind: 'ready' }
  | { kind: 'answer'; answer: Answer }
  /** A mistake of ours, not of what was asked. */
  | { kind: 'failure'; message: string };

/**
 * Starts a thread that runs the file of whoever starts it, so that it is found
 * beside its starter both in a clone and in a packaged build. The file calls
 * {@link serveThread} with the same role.
 *
 * @param file the caller's `__filename`
 */
export function startThread(
  file: string,
  options: { role: string; maxHeapMb: number; maxStackMb?: number },
): Worker {
  const { role, maxHeapMb, maxStackMb } = options;
  // A clone runs its TypeScript sources through Backstage's transform (ADR
  // 0001), which a thread does not inherit.
  const isSource = file.endsWith('.ts');
  const worker = new Worker(file, {
    name: role,
    workerData: role,
    execArgv: isSource
      ? [
          '--require',
          require.resolve('@backstage/cli/config/nodeTransform.cjs'),
        ]
      : [],
    // The compiler of validators prints the code it fails on: megabytes.
    stdout: true,
    stderr: true,
    // Neither settings nor secrets of the portal are any of its business.
    env: {},
    resourceLimits: {
      maxOldGenerationSizeMb: maxHeapMb,
      ...(maxStackMb !== undefined && { stackSizeMb: maxStackMb }),
    },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}

/**
 * In the thread of a role: answers each question. Does nothing in other threads
 * that load the same file.
 */
export function serveThread<Question, Answer>(
  role: string,
  answer: (question: Question) => Answer,
): void {
  if (workerData !== role) {
    return;
  }
  const post = (message: WorkerMessage<Answer>) =>
    parentPort?.postMessage(message);
  parentPort?.on('message', (question: Question) => {
    try {
      post({ kind: 'answer', answer: answer(question) });
    } catch (error) {
      post({ kind: 'failure', message: String(error) });
    }
  });
  post({ kind: 'ready' });
}
