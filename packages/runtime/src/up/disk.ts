import fs from 'node:fs/promises';
import { UsageError } from '../errors';

/** A fresh database takes about 50 MB, its log files may grow by some more. */
const NEEDED_BYTES = 300e6;
const FULL_BYTES = 20e6;

/**
 * A database that runs out of disk in the middle ends hard; a sentence before
 * it starts is kinder.
 *
 * @throws UsageError `disk_full`
 */
export async function requireDisk(
  dir: string,
  neededBytes = NEEDED_BYTES,
): Promise<void> {
  const free = await freeBytes(dir);
  if (free < neededBytes) {
    throw new UsageError(
      'disk_full',
      `Only ${megabytes(free)} MB are free where ${dir} lies, ${megabytes(
        neededBytes,
      )} MB are needed.`,
      'Free some space, or choose a directory on another disk with --data-dir.',
    );
  }
}

/** What to do about a part that ended by itself: a full disk is told first. */
export async function whatToDo(dir: string, logFile: string): Promise<string> {
  return (await freeBytes(dir)) < FULL_BYTES
    ? 'The disk is full: free some space and start again; state is kept.'
    : `Read ${logFile} and start again; state is kept.`;
}

async function freeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await fs.statfs(dir);
  return bavail * bsize;
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1e6);
}
