/**
 * The portal pages of event types: list, register, overview and schema.
 *
 * @packageDocumentation
 */

export { eventTypesPlugin as default } from './plugin';
export { eventTypesApiRef, EventTypesClient, type EventTypesApi } from './api';
