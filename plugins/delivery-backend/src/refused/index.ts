export { parseRefusedCursor, type RefusedCursor } from './cursor';
export { RefusedEventReader } from './RefusedEventReader';
