export * from './eventTypeHealth';
export * from './estateHealth';
export * from './processHealth';
