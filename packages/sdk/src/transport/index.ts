export { interpretReply } from './interpretReply';
export type { Outcome, RawReply } from './interpretReply';
export { postEvents } from './postEvents';
export type { PostOptions } from './postEvents';
