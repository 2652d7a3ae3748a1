import {
  catalogEntityReadPermission,
  catalogLocationReadPermission,
  catalogPermissions,
} from '@backstage/plugin-catalog-common/alpha';
import type {
  Permission,
  ResourcePermission,
} from '@backstage/plugin-permission-common';
import {
  auditAcknowledgePermission,
  auditReadPermission,
  deliveryPermissions,
  deliveryReadPermission,
  deliveryStatusReadPermission,
  partitionRowsReadPermission,
  poisonBatchesReadPermission,
  poisonBatchesRetryPermission,
  refusedEventsReadPermission,
  refusedEventsReplayPermission,
  testEventSendPermission,
  writeKeyCreatePermission,
  writeKeyReadPermission,
} from '@millrace/plugin-delivery-common';
import {
  eventTypeCreatePermission,
  eventTypeReadPermission,
  eventTypeUpdatePermission,
  eventTypeWithdrawPermission,
  eventTypesPermissions,
} from '@millrace/plugin-event-types-common';

/**
 * Whom a permission is granted to. The platform team has every known one.
 *
 * - `signed-in`: everybody who signed in.
 * - `owner`: who owns the thing, by the rule IS_OWNER of the plugin that keeps
 *   it.
 * - `platform-team`: the platform team alone.
 */
export type Grant =
  | { to: 'signed-in' }
  | { to: 'owner'; pluginId: string; resourceType: string }
  | { to: 'platform-team' };

/** Every permission the policy knows; all others are refused to everybody. */
const KNOWN: readonly Permission[] = [
  ...catalogPermissions,
  ...eventTypesPermissions,
  ...deliveryPermissions,
];

/**
 * Seeing what exists and how delivery does is open to all who signed in: a data
 * platform nobody may look at is used by nobody. Registering an event type and
 * creating or listing write keys is open here as well, because the backends
 * check on whose behalf: an owner one belongs to, event types one owns, keys of
 * one's own.
 */
const SIGNED_IN: readonly Permission[] = [
  catalogEntityReadPermission,
  catalogLocationReadPermission,
  eventTypeReadPermission,
  eventTypeCreatePermission,
  auditReadPermission,
  deliveryReadPermission,
  deliveryStatusReadPermission,
  writeKeyCreatePermission,
  writeKeyReadPermission,
];

/**
 * Changing a thing, seeing the data itself, sending refused data again and
 * trying it out with data of one's own is for its owners.
 */
const OWNER: ReadonlyArray<{
  pluginId: string;
  permission: ResourcePermission;
}> = [
  { pluginId: 'event-types', permission: eventTypeUpdatePermission },
  { pluginId: 'event-types', permission: eventTypeWithdrawPermission },
  { pluginId: 'delivery', permission: auditAcknowledgePermission },
  { pluginId: 'delivery', permission: partitionRowsReadPermission },
  { pluginId: 'delivery', permission: poisonBatchesReadPermission },
  { pluginId: 'delivery', permission: poisonBatchesRetryPermission },
  { pluginId: 'delivery', permission: refusedEventsReadPermission },
  { pluginId: 'delivery', permission: refusedEventsReplayPermission },
  { pluginId: 'delivery', permission: testEventSendPermission },
];

/** The grant of every known permission, by the permission's name. */
export const GRANTS: ReadonlyMap<string, Grant> = new Map<string, Grant>([
  ...KNOWN.map(({ name }) => [name, { to: 'platform-team' }] as const),
  ...SIGNED_IN.map(({ name }) => [name, { to: 'signed-in' }] as const),
  ...OWNER.map(
    ({ pluginId, permission: { name, resourceType } }) =>
      [name, { to: 'owner', pluginId, resourceType }] as const,
  ),
]);
