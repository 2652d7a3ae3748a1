import { createPermissionResourceRef } from '@backstage/plugin-permission-node';
import { RESOURCE_TYPE_DATA_ENDPOINT } from '@millrace/plugin-delivery-common';

/** What permission rules see of a data endpoint. */
export interface DataEndpointResource {
  /** That of the event type it is delivered from. */
  name: string;
  /** Entity reference of the owner, in canonical (lower case) form. */
  owner: string;
}

/** What permission rules become in a query. */
export interface DataEndpointPermissionFilter {
  owners: string[];
}

/** The permission resource of data endpoints. */
export const dataEndpointResourceRef = createPermissionResourceRef<
  DataEndpointResource,
  DataEndpointPermissionFilter
>().with({
  pluginId: 'delivery',
  resourceType: RESOURCE_TYPE_DATA_ENDPOINT,
});
