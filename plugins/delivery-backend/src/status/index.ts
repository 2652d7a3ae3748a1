export { StatusReader } from './StatusReader';
