/**
 * The delivery worker: takes batches off the broker into staged files, seals
 * these into immutable partitions, and audits what was sealed.
 *
 * @packageDocumentation
 */

export {
  AuditorError,
  verifyLake,
  type AuditorErrorCode,
  type LakeVerification,
  type VerifyLakeOptions,
  type VerifyProgress,
} from './auditor';
export type { Clock } from './clock';
export { PoisonError, type PoisonReason } from './errors';
export type { Logger, LogMeta } from './logger';
export type { BigQuerySettings } from './sinks';
export { startWorker, type Worker, type WorkerOptions } from './worker';
