export { DeliveredIds } from './DeliveredIds';
export { parsePointer } from './pointers';
export { postEvents } from './postEvents';
export { eventKeyOf, mintUuidV7 } from './prepareEvent';
export { ReplayPreviewer } from './ReplayPreviewer';
export { ReplayRegistry } from './ReplayRegistry';
export { ReplayRunner, typesOf } from './ReplayRunner';
