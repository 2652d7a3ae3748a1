import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ConfigSnapshot } from '@millrace/ledger';
import { parseSnapshot } from './parseSnapshot';

/**
 * Replaces the cached snapshot so that a crash at any moment leaves the old or
 * the new one, never a part. Readable by the owner only: it holds the hashes of
 * write keys.
 */
export async function writeSnapshotFile(
  file: string,
  snapshot: ConfigSnapshot,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(snapshot));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Reads the cached snapshot; `undefined` when there is none.
 *
 * @throws Error when there is one that cannot be used
 */
export async function readSnapshotFile(
  file: string,
): Promise<ConfigSnapshot | undefined> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  return parseSnapshot(JSON.parse(content));
}
