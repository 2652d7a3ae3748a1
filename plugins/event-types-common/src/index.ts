/**
 * Types, permissions and entity kinds of event types.
 *
 * @packageDocumentation
 */

export * from './contracts';
export * from './declaring';
export * from './types';
export * from './permissions';
export * from './problems';
export * from './entities';
export * from './evolving';
export * from './finding';
export * from './importing';
export * from './versions';
export * from './withdrawing';
