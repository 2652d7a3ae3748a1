import { createPermissionResourceRef } from '@backstage/plugin-permission-node';
import { RESOURCE_TYPE_EVENT_TYPE } from '@millrace/plugin-event-types-common';

/**
 * What permission rules see of an event type.
 *
 * @public
 */
export interface EventTypeResource {
  name: string;
  /** Entity reference of the owner, in canonical (lower case) form. */
  owner: string;
}

/**
 * What permission rules become in a database query.
 *
 * @public
 */
export interface EventTypePermissionFilter {
  /** Event types owned by one of these entity references. */
  owners: string[];
}

/**
 * The permission resource of event types.
 *
 * @public
 */
export const eventTypeResourceRef = createPermissionResourceRef<
  EventTypeResource,
  EventTypePermissionFilter
>().with({
  pluginId: 'event-types',
  resourceType: RESOURCE_TYPE_EVENT_TYPE,
});
