export { AccessControl } from './AccessControl';
export {
  type DataEndpointPermissionFilter,
  type DataEndpointResource,
  dataEndpointResourceRef,
} from './dataEndpointResourceRef';
export { isDataEndpointOwner } from './isDataEndpointOwner';
