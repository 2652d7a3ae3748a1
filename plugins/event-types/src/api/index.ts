export * from './EventTypesApi';
export * from './EventTypesClient';
export * from './ContractsClient';
export * from './DeclarationsClient';
export type * from './findQuery';
