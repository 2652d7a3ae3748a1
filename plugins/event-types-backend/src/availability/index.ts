export { NameDesk } from './NameDesk';
