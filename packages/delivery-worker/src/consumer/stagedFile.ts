import { randomUUID } from 'node:crypto';
import { mkdir, open, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/*
 * The staged file
 *
 *   <staging>/<event type>/<uuid>.ndjson.zst
 *
 * holds the bodies of one or more broker messages, one after the other, exactly
 * as the gateway compressed them: each is one zstd frame of NDJSON, each line
 * one stored event, each line ends with a line feed. The file as a whole is
 * again a valid zstd stream (RFC 8878, section 3: frames may be concatenated),
 * and DuckDB reads all frames of it:
 *
 *   read_json('….ndjson.zst', format = 'newline_delimited',
 *             compression = 'zstd', columns = {…})
 *
 * `stagedFile.test.ts` proves that with the DuckDB we ship, from one-event
 * frames to frames larger than its buffer.
 *
 * All batches of a file have the same event type and receive bucket and are
 * recorded in one transaction, so they land in the same bucket: a staged file
 * belongs to exactly one partition and is read as a whole. `recordStagedBatches`
 * guarantees that it holds no batch beyond those the ledger lists for it. It may
 * be deleted once that partition is sealed. The ledger has its absolute path.
 */

/** @internal */
export interface StagedFile {
  path: string;
  /** Where each body begins, in the order given. */
  offsets: number[];
}

/**
 * Writes bodies into a new staged file. When it resolves, file and directory
 * entry survive a power cut. When it throws, nothing of it counts: a file whose
 * fsync failed is never synced again (the kernel may have dropped the pages and
 * would report success), the next try writes a new one.
 *
 * @internal
 */
export async function writeStagedFile(options: {
  stagingDir: string;
  eventType: string;
  bodies: Buffer[];
}): Promise<StagedFile> {
  const { stagingDir, eventType, bodies } = options;
  const directory = resolve(stagingDir, eventType);
  const createdFrom = await mkdir(directory, { recursive: true });
  const path = join(directory, `${randomUUID()}.ndjson.zst`);
  const offsets: number[] = [];
  let length = 0;
  for (const body of bodies) {
    offsets.push(length);
    length += body.length;
  }
  try {
    const file = await open(path, 'wx');
    try {
      await file.writev(bodies);
      await file.sync();
      const { size } = await file.stat();
      if (size !== length) {
        throw new Error(`Wrote ${size} of ${length} bytes to ${path}`);
      }
    } finally {
      await file.close();
    }
    await syncDirectory(directory);
    if (createdFrom) {
      await syncDirectory(dirname(createdFrom));
    }
  } catch (error) {
    await unlink(path).catch(() => {});
    throw error;
  }
  return { path, offsets };
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
