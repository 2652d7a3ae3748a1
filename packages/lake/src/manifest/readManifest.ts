import { parsePartitionPath, PartitionLocation } from '../layout';
import { LakeError } from '../errors';
import { LakeStore } from '../store';
import { parseManifest } from './parseManifest';
import { Manifest } from './types';

const MANIFEST_NAME = 'manifest.json';

/** The key of a partition's manifest. @public */
export function manifestKeyOf(path: string): string {
  return `${path}/${MANIFEST_NAME}`;
}

/**
 * The manifest of a partition, or `undefined` when it is not published.
 *
 * @throws LakeError with code `invalid_manifest`
 * @public
 */
export async function readManifest(
  store: LakeStore,
  path: string,
): Promise<Manifest | undefined> {
  const bytes = await readManifestBytes(store, path);
  return bytes && parseManifest(bytes);
}

/** The stored bytes of a manifest, for hashing them. */
export async function readManifestBytes(
  store: LakeStore,
  path: string,
): Promise<Buffer | undefined> {
  try {
    return await store.get(manifestKeyOf(path));
  } catch (error) {
    if (error instanceof LakeError && error.code === 'not_found') {
      return undefined;
    }
    throw error;
  }
}

/**
 * The published partitions of a data endpoint, oldest first, found by walking
 * the store itself. For the auditor and for tools; the ledger answers faster.
 *
 * @public
 */
export async function listPartitionsInLake(
  store: LakeStore,
  endpoint: string,
): Promise<PartitionLocation[]> {
  const suffix = `/${MANIFEST_NAME}`;
  return (await store.list(endpoint))
    .filter(key => key.endsWith(suffix))
    .flatMap(key => parsePartitionPath(key.slice(0, -suffix.length)) ?? []);
}
