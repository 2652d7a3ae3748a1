export { WriteKeyRegistry } from './WriteKeyRegistry';
