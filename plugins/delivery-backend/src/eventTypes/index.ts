export { type DeclaredEventType, EventTypeLookup } from './EventTypeLookup';
