import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AuditorError } from './errors';
import { LakeReader } from './types';

/**
 * A lake in a folder, only read: also one that lies on a disk that cannot be
 * written to, or belongs to somebody else. Nothing outside of the folder is
 * opened, whatever links lie in it.
 */
export class FolderReader implements LakeReader {
  /** @throws AuditorError with code `lake_not_found` */
  static async open(folder: string): Promise<FolderReader> {
    const root = await realpath(folder).catch(() => undefined);
    if (root === undefined || !(await stat(root)).isDirectory()) {
      throw new AuditorError('lake_not_found', `There is no folder ${folder}`);
    }
    return new FolderReader(root);
  }

  private constructor(private readonly root: string) {}

  /** The names of folders and of other things at the top of the lake. */
  async top(): Promise<{ folders: string[]; others: string[] }> {
    const entries = (await readdir(this.root, { withFileTypes: true })).filter(
      // What is being put, and what file systems and copying tools leave.
      ({ name }) => !name.startsWith('.') && name !== 'lost+found',
    );
    const folders = entries.filter(entry => entry.isDirectory());
    const others = entries.filter(entry => !entry.isDirectory());
    return {
      folders: folders.map(({ name }) => name).sort(),
      others: others.map(({ name }) => name).sort(),
    };
  }

  async get(key: string): Promise<Buffer> {
    return readFile(await this.localPath(key));
  }

  async stat(key: string): Promise<{ bytes: number } | undefined> {
    const found = await this.#find(key);
    const stats = found === undefined ? undefined : await stat(found);
    return stats?.isFile() ? { bytes: stats.size } : undefined;
  }

  async list(folder: string): Promise<string[]> {
    const start = await this.#find(folder);
    if (start === undefined) {
      return [];
    }
    const entries = await readdir(start, {
      recursive: true,
      withFileTypes: true,
    });
    return entries
      .filter(entry => !entry.isDirectory())
      .map(entry =>
        path
          .relative(this.root, path.join(entry.parentPath, entry.name))
          .split(path.sep)
          .join('/'),
      )
      .sort();
  }

  async localPath(key: string): Promise<string> {
    const found = await this.#find(key);
    if (found === undefined) {
      throw Object.assign(new Error(`The lake has no object '${key}'`), {
        code: 'not_found',
      });
    }
    return found;
  }

  /** The real path, if it is there and inside. */
  async #find(key: string): Promise<string | undefined> {
    const real = await realpath(path.join(this.root, key)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
          return undefined;
        }
        throw error;
      },
    );
    return real?.startsWith(this.root + path.sep) ? real : undefined;
  }
}
