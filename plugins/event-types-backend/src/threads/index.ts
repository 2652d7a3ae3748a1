export { AskedWorker } from './AskedWorker';
export type { WorkerLimits } from './AskedWorker';
export { serveThread, startThread } from './startThread';
export type { WorkerMessage } from './startThread';
