export {
  type AccessRouteOptions,
  createAccessRoutes,
  KEY_SET_PATH,
} from './createAccessRoutes';
export { DatasetReader } from './DatasetReader';
export { SealedWatch } from './SealedWatch';
export { ManifestSigner, type SigningConfig } from './signing';
