import { Worker, parentPort, workerData } from 'node:worker_threads';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { DeliveryFacts } from '../deliveryFacts';
import type { WorkerMessage } from '../../threads';
import { type ReadContract, readContract } from './readContract';

/** What the worker is asked: all of it plain JSON. */
export interface ContractQuestion {
  text: string;
  eventType: EventType;
  facts: DeliveryFacts;
}

/** Tells the worker from other threads that load this file. */
const ROLE = 'millrace-contract-worker';

/**
 * Starts a thread that runs this very file, so that it is found beside its
 * starter both in a clone and in a packaged build.
 */
export function startContractWorker(limits: { maxHeapMb: number }): Worker {
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
  const post = (message: WorkerMessage<ReadContract>) =>
    parentPort?.postMessage(message);
  parentPort?.on('message', (question: ContractQuestion) => {
    try {
      const { text, eventType, facts } = question;
      post({ kind: 'answer', answer: readContract(text, eventType, facts) });
    } catch (error) {
      post({ kind: 'failure', message: String(error) });
    }
  });
  post({ kind: 'ready' });
}

if (workerData === ROLE) {
  serve();
}
