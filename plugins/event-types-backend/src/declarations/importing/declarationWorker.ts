import type { Worker } from 'node:worker_threads';
import { serveThread, startThread } from '../../threads';
import {
  type DeclarationText,
  readDeclarationText,
} from './readDeclarationText';

const ROLE = 'millrace-declaration-worker';

/** Starts a thread that reads declarations. */
export function startDeclarationWorker(limits: { maxHeapMb: number }): Worker {
  return startThread(__filename, { role: ROLE, maxHeapMb: limits.maxHeapMb });
}

serveThread<string, DeclarationText>(ROLE, readDeclarationText);
