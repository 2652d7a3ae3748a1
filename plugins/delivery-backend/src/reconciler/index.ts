export { createAuditTrail } from './createAuditTrail';
export { createPubSub } from './createPubSub';
export { type CreatedResources, reconcile } from './reconcile';
export { Reconciler } from './Reconciler';
export { Withdrawals } from './Withdrawals';
