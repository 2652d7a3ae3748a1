import { closeSync, fsyncSync, openSync } from 'node:fs';

/**
 * Flushes a file, or the entries of a directory: without that a power cut may
 * forget that a file exists, or was renamed, at all.
 */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
