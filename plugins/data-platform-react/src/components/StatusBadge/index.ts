export * from './status';
export * from './StatusBadge';
export * from './StatusShape';
