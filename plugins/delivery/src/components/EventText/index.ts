export { EventText } from './EventText';
