import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { LakeStore } from '../store';

/** @public */
export interface LocalCopiesOptions {
  store: LakeStore;
  /** A folder of its own; emptied at the first use and at the end. */
  folder: string;
  /** What copies may take that nobody is reading. Default 1 GiB. */
  maxBytes?: number;
}

/** An object that is to be read as a local file. @public */
export interface ObjectToCopy {
  key: string;
  bytes: number;
}

/**
 * Local files of objects, for those that read them again and again: DuckDB
 * opens files, and a page of rows after another comes from the same ones.
 *
 * @public
 */
export interface LocalCopies {
  /**
   * Runs with the files of the objects, in their order. They stay until it has
   * ended; after that, those used longest ago go when room is needed.
   */
  use<T>(
    objects: ObjectToCopy[],
    run: (files: string[]) => Promise<T>,
  ): Promise<T>;
  /** Removes all copies. Nobody may be reading. */
  close(): Promise<void>;
}

interface Copy {
  bytes: number;
  users: number;
  /** Of this fetch alone, so that removing it meets no later one. */
  folder: string;
  file: Promise<string>;
}

/**
 * Guarantees: an object is fetched once, however many ask at a time, and a
 * failed fetch is forgotten; a file that is in use is not removed; unused ones
 * take at most `maxBytes`. Objects never change, so a copy is never stale. In a
 * store of local files the files themselves are given, and are left alone.
 *
 * @public
 */
export function createLocalCopies(options: LocalCopiesOptions): LocalCopies {
  const { store, maxBytes = 1024 ** 3 } = options;
  const folder = path.resolve(options.folder);
  /** The one used longest ago comes first. */
  const copies = new Map<string, Copy>();
  let fetches = 0;
  let prepared: Promise<void> | undefined;

  async function prepare(): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }

  function fetch(key: string, bytes: number): Copy {
    fetches += 1;
    const own = path.join(folder, String(fetches));
    return { bytes, users: 0, folder: own, file: store.localCopy(key, own) };
  }

  function take({ key, bytes }: ObjectToCopy): Copy {
    const known = copies.get(key);
    const copy = known ?? fetch(key, bytes);
    copy.users += 1;
    copies.delete(key);
    copies.set(key, copy);
    if (!known) {
      copy.file.catch(() => {
        if (copies.get(key) === copy) {
          copies.delete(key);
        }
      });
    }
    return copy;
  }

  async function makeRoom(): Promise<void> {
    const unused = [...copies].filter(([, copy]) => copy.users === 0);
    let bytes = unused.reduce((sum, [, copy]) => sum + copy.bytes, 0);
    for (const [key, copy] of unused) {
      if (bytes <= maxBytes) {
        return;
      }
      bytes -= copy.bytes;
      copies.delete(key);
      await rm(copy.folder, { recursive: true, force: true });
    }
  }

  return {
    async use(objects, run) {
      prepared ??= prepare();
      await prepared;
      const taken = objects.map(take);
      try {
        return await run(await Promise.all(taken.map(copy => copy.file)));
      } finally {
        for (const copy of taken) {
          copy.users -= 1;
        }
        await makeRoom();
      }
    },
    async close() {
      copies.clear();
      if (prepared) {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
