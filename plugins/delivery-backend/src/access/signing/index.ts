export { ManifestSigner, type SigningConfig } from './ManifestSigner';
