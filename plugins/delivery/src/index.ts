/**
 * The portal pages of delivery: processes, partitions, lateness, counts and
 * rows.
 *
 * @packageDocumentation
 */

export { deliveryPlugin as default } from './plugin';
export { deliveryApiRef, DeliveryClient, type DeliveryApi } from './api';
