export { createReviser } from './createReviser';
export { finishRevision, type FinishRevisionOptions } from './finishRevision';
export { type ReviserStep } from './steps';
export { type Reviser, type ReviserOptions, type ReviserRun } from './types';
