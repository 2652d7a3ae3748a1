export { PoisonDesk } from './PoisonDesk';
