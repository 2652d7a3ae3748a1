/**
 * Shared components of the data platform pages.
 *
 * @packageDocumentation
 */

export * from './components';
export * from './format';
export * from './hooks';
