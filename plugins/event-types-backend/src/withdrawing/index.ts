export { WithdrawalDesk } from './WithdrawalDesk';
