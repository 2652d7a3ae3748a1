export * as jsonBytes from './bytes';
export { compileMatcher } from './compileMatcher';
export type { EventMatcher } from './compileMatcher';
