import {
  FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
} from 'node:fs/promises';
import { Disk, DiskFile } from './disk';

/** The file system of the machine. */
export const nodeDisk: Disk = {
  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },

  async list(path) {
    try {
      return await readdir(path);
    } catch (error) {
      if (isCode(error, 'ENOENT')) {
        return [];
      }
      throw error;
    }
  },

  async create(path) {
    return toDiskFile(await open(path, 'wx', 0o600));
  },

  readFile: path => readFile(path),
  link,
  rename,

  async touch(path) {
    const now = new Date();
    await utimes(path, now, now);
  },

  async changedAt(path) {
    return (await stat(path)).mtimeMs;
  },

  remove: path => rm(path, { force: true }),

  async syncDirectory(path) {
    if (process.platform === 'win32') {
      // Windows has no such call; NTFS keeps names in its journal.
      return;
    }
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

function toDiskFile(handle: FileHandle): DiskFile {
  return {
    async write(bytes, position) {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await handle.write(
          bytes,
          done,
          bytes.length - done,
          position + done,
        );
        done += bytesWritten;
      }
    },
    sync: () => handle.datasync(),
    truncate: length => handle.truncate(length),
    close: () => handle.close(),
  };
}

/** Whether an error of the file system has this code. */
export function isCode(error: unknown, code: string): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === code
  );
}
