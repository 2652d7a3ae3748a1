export { TestEvents } from './TestEvents';
