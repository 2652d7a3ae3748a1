export { ConditionKeeper } from './ConditionKeeper';
export { describeConditions } from './describeConditions';
