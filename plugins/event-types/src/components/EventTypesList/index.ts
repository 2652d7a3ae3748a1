export { EventTypesList } from './EventTypesList';
export { FieldsList } from './FieldsList';
