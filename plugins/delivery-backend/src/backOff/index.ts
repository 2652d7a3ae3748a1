export { type BackOffOptions, backOffMs } from './backOffMs';
