import { join } from 'node:path';
import { uuidv4 } from 'uuidv7';
import { Disk } from './disk';
import { isCode } from './nodeDisk';

/**
 * The name of the installation a directory belongs to: the one stored in it, or
 * a new one that is stored first. One that cannot be read is replaced.
 */
export async function storedProducerName(
  disk: Disk,
  directory: string,
): Promise<string> {
  const path = join(directory, 'identity.json');
  const stored = await readName(disk, path);
  if (stored !== undefined) {
    return stored;
  }
  const producer = uuidv4();
  const draft = `${path}.new`;
  await disk.remove(draft);
  const file = await disk.create(draft);
  try {
    await file.write(Buffer.from(JSON.stringify({ producer })), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(draft, path);
  await disk.syncDirectory(directory);
  return producer;
}

async function readName(disk: Disk, path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = String(await disk.readFile(path));
  } catch (error) {
    if (isCode(error, 'ENOENT')) {
      return undefined;
    }
    throw error;
  }
  return /^\{"producer":"([\w.:-]{1,200})"\}$/.exec(text)?.[1];
}
