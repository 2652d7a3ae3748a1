export { runVerify } from './runVerify';
