export { AuthorizedEventTypeFinder } from './AuthorizedEventTypeFinder';
export { DefaultEventTypeFinder } from './DefaultEventTypeFinder';
export {
  DEFAULT_LIMIT,
  MAX_LIMIT,
  type PagePosition,
  readCursor,
} from './cursor';
export { EVENT_TYPE_ORDERS, FIELD_ORDERS, isKeyOf } from './operations/orders';
export type * from './types';
