export { AuditReader } from './AuditReader';
export { FindingNotifier } from './FindingNotifier';
export { type FindingCursor, parseFindingCursor } from './cursor';
