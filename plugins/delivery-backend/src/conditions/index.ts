export { describeConditions } from './describeConditions';
export { type Milestones, readMilestones } from './readMilestones';
