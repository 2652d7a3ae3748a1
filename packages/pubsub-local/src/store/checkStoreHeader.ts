import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { BrokerError } from '../errors';

const PAGE_HEADER_BYTES = 24;
const LMDB_MAGIC = 0xbeefc0de;

/**
 * Refuses a store file that is plainly no LMDB file, because LMDB maps what it
 * is given and would end the process with a signal instead of an error.
 *
 * Both meta pages are looked at: one at the start, one a page size further.
 * Damage deeper inside is found when the page is used; bodies carry a checksum.
 *
 * @throws BrokerError `data_dir_corrupt`
 */
export function checkStoreHeader(path: string): void {
  if (!existsSync(path)) {
    return;
  }
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size === 0) {
      return;
    }
    const header = Buffer.alloc(PAGE_HEADER_BYTES + 32);
    readSync(descriptor, header, 0, header.length, 0);
    const pageBytes = header.readUInt32LE(PAGE_HEADER_BYTES + 24);
    const second = Buffer.alloc(PAGE_HEADER_BYTES + 4);
    if (isPageSize(pageBytes) && size >= 2 * pageBytes) {
      readSync(descriptor, second, 0, second.length, pageBytes);
    }
    if (
      header.readUInt32LE(PAGE_HEADER_BYTES) !== LMDB_MAGIC ||
      second.readUInt32LE(PAGE_HEADER_BYTES) !== LMDB_MAGIC
    ) {
      throw new BrokerError(
        'data_dir_corrupt',
        `${path} is damaged; restore the directory from a backup, or move it away to start with an empty broker`,
      );
    }
  } finally {
    closeSync(descriptor);
  }
}

function isPageSize(bytes: number): boolean {
  return bytes >= 512 && bytes <= 65_536 && Number.isInteger(Math.log2(bytes));
}
