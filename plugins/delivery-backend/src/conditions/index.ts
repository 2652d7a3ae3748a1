export { describeConditions } from './describeConditions';
