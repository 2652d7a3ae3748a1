import { createPermission } from '@backstage/plugin-permission-common';

/**
 * The permission resource type of event types.
 *
 * @public
 */
export const RESOURCE_TYPE_EVENT_TYPE = 'event-type';

/**
 * See an event type, its schema and its versions.
 *
 * @public
 */
export const eventTypeReadPermission = createPermission({
  name: 'event-types.event-type.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_EVENT_TYPE,
});

/**
 * Register a new event type.
 *
 * @public
 */
export const eventTypeCreatePermission = createPermission({
  name: 'event-types.event-type.create',
  attributes: { action: 'create' },
});

/**
 * Change an event type: a new schema version, owner, tier or description.
 *
 * @public
 */
export const eventTypeUpdatePermission = createPermission({
  name: 'event-types.event-type.update',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_EVENT_TYPE,
});

/**
 * Choose a compatibility mode that gives up what the present one promises.
 *
 * @public
 */
export const compatibilityLoosenPermission = createPermission({
  name: 'event-types.compatibility.loosen',
  attributes: { action: 'update' },
});

/**
 * Approve or refuse a breaking change: a new major version of an event type.
 *
 * @public
 */
export const breakingChangeApprovePermission = createPermission({
  name: 'event-types.breaking-change.approve',
  attributes: { action: 'update' },
});

/**
 * Withdraw an event type, or undo that during the grace period.
 *
 * @public
 */
export const eventTypeWithdrawPermission = createPermission({
  name: 'event-types.event-type.withdraw',
  attributes: { action: 'delete' },
  resourceType: RESOURCE_TYPE_EVENT_TYPE,
});

/**
 * Put away an event type of which nothing is left to deliver. Delivery asks for
 * it once it has taken everything down.
 *
 * @public
 */
export const eventTypeArchivePermission = createPermission({
  name: 'event-types.event-type.archive',
  attributes: { action: 'delete' },
});

/**
 * Every permission of the event types family.
 *
 * @public
 */
export const eventTypesPermissions = [
  eventTypeReadPermission,
  eventTypeCreatePermission,
  eventTypeUpdatePermission,
  eventTypeWithdrawPermission,
  eventTypeArchivePermission,
  compatibilityLoosenPermission,
  breakingChangeApprovePermission,
];
