export { HeldEvents } from './heldEvents';
export { QuietWatch } from './quietWatch';
export { Waiters } from './waiters';
