export { EventTypesRouter } from './EventTypesRouter';
