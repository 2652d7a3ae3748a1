export { AskedWorker } from './AskedWorker';
export type { WorkerLimits, WorkerMessage } from './AskedWorker';
