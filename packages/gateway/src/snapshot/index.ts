export type { AcceptedEventType, GatewaySnapshot } from './compileSnapshot';
export { SnapshotStore } from './snapshotStore';
export type { SnapshotSource } from './snapshotStore';
