import { mkdir } from 'node:fs/promises';
import { LakeStore } from '../store';

/**
 * A path under which DuckDB can open an object: in a lake of local files the
 * object itself, else a copy in the folder, which is made when it is missing.
 *
 * @throws LakeError with code `not_found`
 * @public
 */
export async function openableFile(
  store: LakeStore,
  key: string,
  folder: string,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  return store.localCopy(key, folder);
}
