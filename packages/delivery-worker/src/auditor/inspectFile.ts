import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LakeReader, SpendBytes } from './types';

const CHUNK_BYTES = 1024 * 1024;

/** A file of the lake where it can be opened. */
export async function openLocally(
  lake: LakeReader,
  key: string,
  folder: string,
): Promise<string> {
  if (lake.localCopy) {
    await mkdir(folder, { recursive: true });
    return lake.localCopy(key, folder);
  }
  if (lake.localPath) {
    return lake.localPath(key);
  }
  await mkdir(folder, { recursive: true });
  const copy = path.join(folder, randomUUID());
  await writeFile(copy, await lake.get(key));
  return copy;
}

/** SHA-256 of a local file in hex, read no faster than `spend` allows. */
export async function hashLocalFile(
  file: string,
  spend: SpendBytes,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const chunks: AsyncIterable<Buffer> = createReadStream(file, {
    highWaterMark: CHUNK_BYTES,
  });
  for await (const chunk of chunks) {
    await spend(chunk.length);
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { sha256: hash.digest('hex'), bytes };
}
