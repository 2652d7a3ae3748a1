import { randomUUID } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LakeStore } from '../store';

/**
 * A path under which DuckDB can open an object: in a lake of local files the
 * object itself, else a copy in the folder.
 *
 * A copy is made once and found again: objects never change, so neither can it.
 * It gets its name when it is whole.
 *
 * @throws LakeError with code `not_found`
 * @public
 */
export async function openableFile(
  store: LakeStore,
  key: string,
  folder: string,
): Promise<string> {
  if (store.localPath) {
    return store.localPath(key);
  }
  const copy = path.join(folder, encodeURIComponent(key));
  const isThere = await stat(copy).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await mkdir(folder, { recursive: true });
    const incoming = path.join(folder, `.${randomUUID()}`);
    await writeFile(incoming, await store.get(key));
    await rename(incoming, copy);
  }
  return copy;
}
