export { RefusedEvents } from './RefusedEvents';
export { RefusedPage } from './RefusedPage';
export { refusedHref } from './useRefusedFilter';
