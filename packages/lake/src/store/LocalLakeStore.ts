import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { LakeError } from '../errors';
import { parseKey } from './keys';
import { LakeStore, PutResult } from './types';

/** Not a legal first character of a key segment, so no key leads in here. */
const INCOMING = '.incoming';

/** @public */
export interface LocalLakeStoreOptions {
  /** Folder that holds the lake; created when missing. */
  root: string;
}

/**
 * A lake in a local folder.
 *
 * Guarantees of a put, in the order of its steps:
 * 1. the bytes are written to a private file on the same file system and
 *    flushed, so that nothing half-written ever has a name that readers use;
 * 2. `link()` gives it its name. Unlike `rename()`, which replaces silently,
 *    `link()` fails when the name is taken: that is the put-if-absent;
 * 3. the folder is flushed, so that the name survives a power cut, and so is
 *    every folder that had to be made on the way.
 *
 * A failed flush is thrown and never repeated on the same file: Linux may
 * report success the second time although the pages are gone.
 *
 * @public
 */
export class LocalLakeStore implements LakeStore {
  static async open(options: LocalLakeStoreOptions): Promise<LocalLakeStore> {
    await mkdir(path.join(options.root, INCOMING), { recursive: true });
    return new LocalLakeStore(await realpath(options.root));
  }

  private constructor(private readonly root: string) {}

  async putIfAbsent(key: string, localFile: string): Promise<PutResult> {
    // A clone where the file system can, else a copy. Never a link to the
    // caller's own file, which the caller could still write to.
    return this.#place(key, incoming =>
      copyFile(localFile, incoming, constants.COPYFILE_FICLONE),
    );
  }

  async putBytesIfAbsent(key: string, bytes: Uint8Array): Promise<PutResult> {
    return this.#place(key, incoming => writeFile(incoming, bytes));
  }

  async get(key: string): Promise<Buffer> {
    return readFile(await this.localPath(key));
  }

  async stat(key: string): Promise<{ bytes: number } | undefined> {
    const found = await this.#find(key);
    if (!found) {
      return undefined;
    }
    const stats = await stat(found);
    return stats.isFile() ? { bytes: stats.size } : undefined;
  }

  async list(folder: string): Promise<string[]> {
    const segments = parseKey(folder);
    const start = await this.#find(folder);
    if (!start) {
      return [];
    }
    const entries = await readdir(start, {
      recursive: true,
      withFileTypes: true,
    });
    return entries
      .filter(entry => entry.isFile())
      .map(entry =>
        [
          ...segments,
          ...path
            .relative(start, path.join(entry.parentPath, entry.name))
            .split(path.sep),
        ].join('/'),
      )
      .sort();
  }

  async delete(key: string): Promise<void> {
    const found = await this.#find(key);
    if (found) {
      await rm(found, { force: true });
      await syncFolder(path.dirname(found));
    }
  }

  /** The file itself: it is read-only, and nothing replaces it. */
  async localCopy(key: string): Promise<string> {
    return this.localPath(key);
  }

  /** Where an object lies. */
  async localPath(key: string): Promise<string> {
    const found = await this.#find(key);
    if (!found) {
      throw new LakeError('not_found', `The lake has no object '${key}'`);
    }
    return found;
  }

  async removeAbandonedPuts(options: { olderThan: Date }): Promise<number> {
    const folder = path.join(this.root, INCOMING);
    let removed = 0;
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name);
      const stats = await stat(file).catch(ignoreMissing);
      if (stats && stats.mtime < options.olderThan) {
        await rm(file, { force: true });
        removed += 1;
      }
    }
    return removed;
  }

  async #place(
    key: string,
    write: (incoming: string) => Promise<void>,
  ): Promise<PutResult> {
    const segments = parseKey(key);
    const incoming = path.join(this.root, INCOMING, randomUUID());
    try {
      await write(incoming);
      // A reminder for people and scripts; what refuses overwrites is link().
      await chmod(incoming, 0o444);
      await syncFile(incoming);
      const folder = await this.#makeFolder(segments.slice(0, -1));
      const target = path.join(folder, segments[segments.length - 1]);
      const linked = await link(incoming, target).then(
        () => true,
        ignoreExisting,
      );
      // Also when it exists: the one who made it may have died before this.
      await syncFolder(folder);
      return linked ? 'created' : 'exists';
    } finally {
      await rm(incoming, { force: true });
    }
  }

  /**
   * Makes the folders of a key. Parents are flushed even when nothing was made:
   * whoever made the folder may have died before flushing.
   */
  async #makeFolder(segments: string[]): Promise<string> {
    let folder = this.root;
    for (const segment of segments) {
      const parent = folder;
      folder = path.join(parent, segment);
      await mkdir(folder).catch(ignoreExisting);
      await syncFolder(parent);
      this.#assertInside(await realpath(folder), segments.join('/'));
    }
    return folder;
  }

  /** The real path of what a key names, or `undefined` when there is nothing. */
  async #find(key: string): Promise<string | undefined> {
    const target = path.join(this.root, ...parseKey(key));
    const real = await realpath(target).catch(ignoreMissing);
    if (real !== undefined) {
      this.#assertInside(real, key);
    }
    return real;
  }

  #assertInside(real: string, key: string): void {
    if (!real.startsWith(this.root + path.sep)) {
      throw new LakeError(
        'key_outside_root',
        `The lake key '${key}' leads out of the lake's folder; remove the symbolic link`,
      );
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
    return undefined;
  }
  throw error;
}

function ignoreExisting(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'EEXIST') {
    return undefined;
  }
  throw error;
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a folder durable. */
async function syncFolder(folder: string): Promise<void> {
  await syncFile(folder);
}
