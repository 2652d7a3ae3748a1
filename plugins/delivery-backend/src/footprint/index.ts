export { FootprintReader } from './FootprintReader';
