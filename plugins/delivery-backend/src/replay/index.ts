export { DeliveredIds } from './DeliveredIds';
export { parsePointer } from './pointers';
export { ReplayPreviewer } from './ReplayPreviewer';
export { ReplayRegistry } from './ReplayRegistry';
export { ReplayRunner, typesOf } from './ReplayRunner';
