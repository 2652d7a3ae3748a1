/**
 * The default permission policy: default deny, owners and platform team.
 *
 * @packageDocumentation
 */

export { permissionModuleDataPlatform as default } from './module';
