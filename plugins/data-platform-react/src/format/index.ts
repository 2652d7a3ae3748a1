export * from './counts';
export * from './durations';
export * from './times';
