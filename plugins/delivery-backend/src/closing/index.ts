export { ClosingDesk } from './ClosingDesk';
