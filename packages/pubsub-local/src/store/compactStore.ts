import { mkdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { messageOf } from '../errors';
import { type BrokerLogger } from '../logger';
import { checkStoreFile } from './checkStoreFile';
import { lockDirectory } from './directoryLock';
import { syncPath } from './syncPath';

const MIN_FILE_BYTES = 256 * 2 ** 20;
/** A file is rewritten when less than this share of it is in use. */
const MAX_USED_SHARE = 0.25;

/**
 * Gives the disk back what a long backlog took: rewrites a store file of which
 * little is in use. LMDB itself uses freed pages again but never shrinks a file.
 *
 * The copy is complete and flushed before one rename puts it in the place of
 * the old file; a crash at any moment leaves one of the two. It is left out, with
 * a warning, when it fails: a store that is too large still works.
 *
 * @param options.minFileBytes smaller files are left alone
 * @throws BrokerError `data_dir_locked` or `data_dir_corrupt`
 */
export async function compactStore(options: {
  dataDir: string;
  logger: BrokerLogger;
  minFileBytes?: number;
}): Promise<void> {
  const { dataDir, logger, minFileBytes = MIN_FILE_BYTES } = options;
  const path = join(dataDir, 'store');
  const file = join(path, 'data.mdb');
  const copyPath = join(path, 'compacted');
  const copy = join(copyPath, 'data.mdb');
  const unlock = lockDirectory(dataDir);
  try {
    // Left over from a crash half-way.
    rmSync(copyPath, { recursive: true, force: true });
    const before = checkStoreFile(file);
    if (
      !before ||
      before.fileBytes < minFileBytes ||
      before.usedBytes > before.fileBytes * MAX_USED_SHARE
    ) {
      return;
    }
    const { bavail, bsize } = statfsSync(path);
    if (bavail * bsize < 2 * before.usedBytes) {
      return;
    }
    try {
      mkdirSync(copyPath);
      const environment = open({ path, readOnly: true });
      await environment.backup(copyPath, true);
      await environment.close();
      checkStoreFile(copy);
      syncPath(copy);
      renameSync(copy, file);
      syncPath(path);
      logger.info('The store file was compacted', {
        bytesBefore: before.fileBytes,
        bytesAfter: checkStoreFile(file)?.fileBytes ?? 0,
      });
    } catch (error) {
      logger.warn(`The store file was not compacted: ${messageOf(error)}`);
      rmSync(copyPath, { recursive: true, force: true });
    }
  } finally {
    await unlock();
  }
}
