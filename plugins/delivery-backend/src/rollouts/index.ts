export { describeChanges } from './describeChanges';
export { RolloutKeeper } from './RolloutKeeper';
export { RolloutReader } from './RolloutReader';
