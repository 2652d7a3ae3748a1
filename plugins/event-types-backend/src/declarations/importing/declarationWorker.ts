import { Worker, parentPort, workerData } from 'node:worker_threads';
import type { WorkerMessage } from '../../threads';
import {
  type DeclarationText,
  readDeclarationText,
} from './readDeclarationText';

/** Tells the worker from other threads that load this file. */
const ROLE = 'millrace-declaration-worker';

/**
 * Starts a thread that runs this very file, so that it is found beside its
 * starter both in a clone and in a packaged build.
 */
export function startDeclarationWorker(limits: { maxHeapMb: number }): Worker {
  // A clone runs its TypeScript sources through Backstage's transform (ADR
  // 0001), which a thread does not inherit.
  const isSource = __filename.endsWith('.ts');
  return new Worker(__filename, {
    name: ROLE,
    workerData: ROLE,
    execArgv: isSource
      ? [
          '--require',
          require.resolve('@backstage/cli/config/nodeTransform.cjs'),
        ]
      : [],
    // Neither settings nor secrets of the portal are any of its business.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: limits.maxHeapMb },
  });
}

function serve(): void {
  const post = (message: WorkerMessage<DeclarationText>) =>
    parentPort?.postMessage(message);
  parentPort?.on('message', (text: string) => {
    try {
      post({ kind: 'answer', answer: readDeclarationText(text) });
    } catch (error) {
      post({ kind: 'failure', message: String(error) });
    }
  });
  post({ kind: 'ready' });
}

if (workerData === ROLE) {
  serve();
}
