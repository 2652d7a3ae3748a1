export { WithdrawalPanel } from './WithdrawalPanel';
