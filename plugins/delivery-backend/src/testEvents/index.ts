export { TestEventDesk } from './TestEventDesk';
export { TestEventSender } from './TestEventSender';
