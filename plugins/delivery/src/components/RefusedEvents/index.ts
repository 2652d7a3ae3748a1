export { RefusedEvents } from './RefusedEvents';
export { RefusedPage } from './RefusedPage';
