export { EventTypesList } from './EventTypesList';
