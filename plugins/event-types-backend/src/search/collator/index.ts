export { searchModuleEventTypes } from './searchModuleEventTypes';
