export * from './EventTypesApi';
export * from './EventTypesClient';
