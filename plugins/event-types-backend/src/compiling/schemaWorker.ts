import { Worker, parentPort, workerData } from 'node:worker_threads';
import { type CompiledSource, compileSource } from './compileSource';

/** What the worker says. */
export type WorkerMessage =
  | { kind: 'ready' }
  | { kind: 'answer'; answer: CompiledSource }
  /** A mistake of ours, not of the source. */
  | { kind: 'failure'; message: string };

/** Bounds of what one source may use. */
export interface WorkerLimits {
  maxHeapMb: number;
  /**
   * No more than the stack a gateway has: a validator that compiles here has
   * to compile there.
   */
  maxStackMb: number;
}

/** Tells the worker from other threads that load this file. */
const ROLE = 'millrace-schema-worker';

/**
 * Starts a thread that runs this very file, so that it is found beside its
 * starter both in a clone and in a packaged build.
 */
export function startSchemaWorker(limits: WorkerLimits): Worker {
  // A clone runs its TypeScript sources through Backstage's transform (ADR
  // 0001), which a thread does not inherit.
  const isSource = __filename.endsWith('.ts');
  const worker = new Worker(__filename, {
    name: ROLE,
    workerData: ROLE,
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
      maxOldGenerationSizeMb: limits.maxHeapMb,
      stackSizeMb: limits.maxStackMb,
    },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}

function serve(): void {
  const post = (message: WorkerMessage) => parentPort?.postMessage(message);
  parentPort?.on('message', (source: string) => {
    try {
      post({ kind: 'answer', answer: compileSource(JSON.parse(source)) });
    } catch (error) {
      post({ kind: 'failure', message: String(error) });
    }
  });
  post({ kind: 'ready' });
}

if (workerData === ROLE) {
  serve();
}
