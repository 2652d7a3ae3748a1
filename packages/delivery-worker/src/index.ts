/**
 * The delivery worker: takes batches off the broker into staged files, and
 * seals these into immutable partitions.
 *
 * @packageDocumentation
 */

export type { Clock } from './clock';
export { PoisonError, type PoisonReason } from './errors';
export type { Logger, LogMeta } from './logger';
export type { BigQuerySettings } from './sinks';
export { startWorker, type Worker, type WorkerOptions } from './worker';
