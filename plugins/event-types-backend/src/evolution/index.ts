export { AuthorizedEventTypeEvolver } from './AuthorizedEventTypeEvolver';
export { DefaultEventTypeEvolver } from './DefaultEventTypeEvolver';
export type { EventTypeEvolver } from './types';
