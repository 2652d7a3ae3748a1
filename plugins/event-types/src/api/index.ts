export * from './EventTypesApi';
export * from './EventTypesClient';
export type * from './findQuery';
