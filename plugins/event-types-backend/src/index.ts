/**
 * Registers event types, stores their versions and takes in declarations from
 * the catalog.
 *
 * @packageDocumentation
 */

export { eventTypesPlugin as default } from './plugin';
export { searchModuleEventTypes } from './search/collator';
