/**
 * Sign-in with a choosable demo identity, for a portal on one machine.
 *
 * @packageDocumentation
 */

export { authModuleDemoProvider as default } from './module';
