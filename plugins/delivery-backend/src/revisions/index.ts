export { RevisionDesk } from './RevisionDesk';
export { parseRevisionCursor, type RevisionCursor } from './cursor';
