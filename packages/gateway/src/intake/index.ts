export type { EventsReply, FailedEvent } from './answer';
export { receiveEvents } from './receiveEvents';
export type { Intake } from './receiveEvents';
