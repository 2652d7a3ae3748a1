import { createPermission } from '@backstage/plugin-permission-common';

/**
 * The permission resource type of data endpoints. A resource reference is the
 * name of the endpoint, which is that of the event type it is delivered from.
 *
 * @public
 */
export const RESOURCE_TYPE_DATA_ENDPOINT = 'data-endpoint';

/**
 * See how event types are delivered: counts, lateness, partitions.
 *
 * @public
 */
export const deliveryReadPermission = createPermission({
  name: 'delivery.read',
  attributes: { action: 'read' },
});

/**
 * See the processes of the data plane.
 *
 * @public
 */
export const deliveryStatusReadPermission = createPermission({
  name: 'delivery.status.read',
  attributes: { action: 'read' },
});

/**
 * Read the rows of a data endpoint's sealed partitions.
 *
 * @public
 */
export const partitionRowsReadPermission = createPermission({
  name: 'delivery.partition.rows.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_DATA_ENDPOINT,
});

/**
 * See the events of a type that were refused. Those of all types, and of types
 * nobody registered, need an unconditional allow.
 *
 * @public
 */
export const refusedEventsReadPermission = createPermission({
  name: 'delivery.refused-events.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_DATA_ENDPOINT,
});

/**
 * Send refused events of a type again, mended where needed.
 *
 * @public
 */
export const refusedEventsReplayPermission = createPermission({
  name: 'delivery.refused-events.replay',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_DATA_ENDPOINT,
});

/**
 * Close a bucket although something is missing: the platform team's. Whoever
 * reads the partition later reads what was there.
 *
 * @public
 */
export const bucketForceClosePermission = createPermission({
  name: 'delivery.bucket.force-close',
  attributes: { action: 'update' },
});

/**
 * Make sealed partitions again, as new revisions: the platform team's. Whoever
 * has read the partition before has read something else.
 *
 * @public
 */
export const partitionRevisePermission = createPermission({
  name: 'delivery.partition.revise',
  attributes: { action: 'update' },
});

/**
 * See which broker messages of a type were set aside, and why.
 *
 * @public
 */
export const poisonBatchesReadPermission = createPermission({
  name: 'delivery.poison-batches.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_DATA_ENDPOINT,
});

/**
 * Have a message that was set aside tried again.
 *
 * @public
 */
export const poisonBatchesRetryPermission = createPermission({
  name: 'delivery.poison-batches.retry',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_DATA_ENDPOINT,
});

/**
 * Send a test event of a type, and see what became of those that were sent.
 *
 * @public
 */
export const testEventSendPermission = createPermission({
  name: 'delivery.test-event.send',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_DATA_ENDPOINT,
});

/**
 * Create write keys for event types one owns.
 *
 * @public
 */
export const writeKeyCreatePermission = createPermission({
  name: 'delivery.write-key.create',
  attributes: { action: 'create' },
});

/**
 * See which write keys there are.
 *
 * @public
 */
export const writeKeyReadPermission = createPermission({
  name: 'delivery.write-key.read',
  attributes: { action: 'read' },
});

/**
 * Revoke any write key, and create keys for any event type: the platform
 * team's. Whoever lacks it may revoke the keys they created themselves.
 *
 * @public
 */
export const writeKeyRevokePermission = createPermission({
  name: 'delivery.write-key.revoke',
  attributes: { action: 'delete' },
});

/**
 * See what the auditor found and how far it has come, of the event types one may
 * read.
 *
 * @public
 */
export const auditReadPermission = createPermission({
  name: 'delivery.audit.read',
  attributes: { action: 'read' },
});

/**
 * Say that one has seen to a finding of the auditor.
 *
 * @public
 */
export const auditAcknowledgePermission = createPermission({
  name: 'delivery.audit.acknowledge',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_DATA_ENDPOINT,
});

/**
 * See what every generation of the config changed, who had asked for it, and
 * what runs where: the platform team's, since it is about all event types.
 *
 * @public
 */
export const rolloutsReadPermission = createPermission({
  name: 'delivery.rollouts.read',
  attributes: { action: 'read' },
});

/**
 * Every permission of delivery.
 *
 * @public
 */
export const deliveryPermissions = [
  auditAcknowledgePermission,
  auditReadPermission,
  bucketForceClosePermission,
  deliveryReadPermission,
  deliveryStatusReadPermission,
  partitionRevisePermission,
  partitionRowsReadPermission,
  poisonBatchesReadPermission,
  poisonBatchesRetryPermission,
  refusedEventsReadPermission,
  refusedEventsReplayPermission,
  rolloutsReadPermission,
  testEventSendPermission,
  writeKeyCreatePermission,
  writeKeyReadPermission,
  writeKeyRevokePermission,
];
