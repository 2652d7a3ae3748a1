import { Dirent } from 'node:fs';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { classifyStagedFiles } from '@millrace/ledger';
import { Knex } from 'knex';

/** Far beyond the time in which a written file is recorded or written anew. */
const LEFTOVER_AGE_MS = 60 * 60_000;

const FILES_PER_QUERY = 1_000;

/**
 * Removes staged files that nobody will read: those no ledger row knows and
 * that are older than an hour (a consumer died between write and record). Those
 * whose batches are all sealed are kept for a while; see `stagedRetention`.
 *
 * @returns how many it removed
 * @internal
 */
export async function removeLeftovers(options: {
  ledger: Knex;
  stagingDir: string;
  now: Date;
}): Promise<number> {
  const { ledger, stagingDir, now } = options;
  const paths = await listStagedFiles(resolve(stagingDir));
  let removed = 0;
  for (let from = 0; from < paths.length; from += FILES_PER_QUERY) {
    const uses = await classifyStagedFiles(ledger, {
      paths: paths.slice(from, from + FILES_PER_QUERY),
    });
    for (const [path, use] of uses) {
      if (use === 'unknown' && (await ageMs(path, now)) > LEFTOVER_AGE_MS) {
        await unlink(path).catch(ignoreMissing);
        removed += 1;
      }
    }
  }
  return removed;
}

async function listStagedFiles(stagingDir: string): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of await list(stagingDir)) {
    // Only folders of event types: names that begin with a dot are others'.
    if (folder.isDirectory() && !folder.name.startsWith('.')) {
      for (const file of await list(join(stagingDir, folder.name))) {
        if (file.isFile() && file.name.endsWith('.ndjson.zst')) {
          paths.push(join(stagingDir, folder.name, file.name));
        }
      }
    }
  }
  return paths;
}

async function list(directory: string): Promise<Dirent[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(
    ignoreMissing,
  );
  return entries ?? [];
}

async function ageMs(path: string, now: Date): Promise<number> {
  const stats = await stat(path).catch(ignoreMissing);
  return stats ? now.getTime() - stats.mtimeMs : 0;
}

/** Other workers delete the same files at the same time. */
function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') {
    throw error;
  }
  return undefined;
}
