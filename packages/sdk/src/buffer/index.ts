export { encodeEvent } from './encodeEvent';
export type { BufferedEvent, EventOrigin } from './encodeEvent';
export { EventBuffer } from './eventBuffer';
export type { BatchLimits } from './eventBuffer';
