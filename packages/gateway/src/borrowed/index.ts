export { createBorrowedRoutes } from './createBorrowedRoutes';
export type { BorrowedOptions } from './types';
