export { BackOff } from './backOff';
export type { BackOffOptions, Failure } from './backOff';
export { parseRetryAfter } from './retryAfter';
