export { EventTypeSearchResult } from './EventTypeSearchResult';
