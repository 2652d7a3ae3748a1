export {
  advanceRemovals,
  type AdvanceRemovalsOptions,
  type RemovedResource,
} from './advanceRemovals';
export { type BrokerThing, deleteMarked, resourcesOf } from './deleteResources';
export { isMarked, markOf } from './mark';
export { markOldResources } from './markOldResources';
