export * from './api';
export * from './audit';
export * from './overview';
export * from './partitions';
export * from './refused';
export * from './replays';
export * from './status';
export * from './writeKeys';
