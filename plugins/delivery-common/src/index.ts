/**
 * Types and permissions of delivery.
 *
 * @packageDocumentation
 */

export * from './types';
export * from './permissions';
