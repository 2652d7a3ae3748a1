/**
 * Drives broker, gateways and workers; serves partitions, lateness, counts and
 * refused events.
 *
 * @packageDocumentation
 */

export { deliveryPlugin as default } from './plugin';
