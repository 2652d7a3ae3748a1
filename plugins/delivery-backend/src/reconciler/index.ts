export {
  createAuditTrail,
  createOrphanTrail,
  createRemovalTrail,
} from './createAuditTrail';
export { createPubSub } from './createPubSub';
export { createRound, type RoundOptions } from './createRound';
export { type CreatedResources, reconcile } from './reconcile';
export { Reconciler } from './Reconciler';
export { type BrokerThing, type RemovedResource, resourcesOf } from './removal';
export { Withdrawals } from './Withdrawals';
