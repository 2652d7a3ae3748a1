/**
 * The catalog kinds EventType and DataEndpoint, and the provider of registered
 * ones.
 *
 * @packageDocumentation
 */

export { catalogModuleDataPlatform as default } from './module';
