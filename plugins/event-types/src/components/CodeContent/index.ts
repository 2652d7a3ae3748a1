export { CodeContent } from './CodeContent';
