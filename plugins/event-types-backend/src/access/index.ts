export { EventTypeAccess } from './EventTypeAccess';
