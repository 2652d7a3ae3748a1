import type { Worker } from 'node:worker_threads';
import { serveThread, startThread } from '../threads';
import { type CompiledSource, compileSource } from './compileSource';
import type { CompileOptions, SchemaSource } from './types';

/** Bounds of what one source may use. */
export interface WorkerLimits {
  maxHeapMb: number;
  /**
   * No more than the stack a gateway has: a validator that compiles here has
   * to compile there.
   */
  maxStackMb: number;
}

/** What the worker is asked, as JSON: its size is known before it is read. */
export interface CompileQuestion {
  source: SchemaSource;
  options: CompileOptions;
}

const ROLE = 'millrace-schema-worker';

/** Starts a thread that compiles what an event type was described with. */
export function startSchemaWorker(limits: WorkerLimits): Worker {
  const { maxHeapMb, maxStackMb } = limits;
  return startThread(__filename, { role: ROLE, maxHeapMb, maxStackMb });
}

serveThread<string, CompiledSource>(ROLE, text => {
  const { source, options }: CompileQuestion = JSON.parse(text);
  return compileSource(source, options);
});
