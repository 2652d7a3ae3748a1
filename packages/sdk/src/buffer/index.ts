export { encodeDropReport } from './encodeDropReport';
export { encodeEvent } from './encodeEvent';
export { EventBuffer } from './eventBuffer';
export type { BatchLimits } from './eventBuffer';
