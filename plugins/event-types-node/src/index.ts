/**
 * The event types service and permission rules for other backend plugins.
 *
 * @packageDocumentation
 */

export {
  eventTypesServiceRef,
  type EventTypesService,
  type EventTypesServiceOptions,
} from './eventTypesService';
export * from './permissions';
export * from './readersOf';
