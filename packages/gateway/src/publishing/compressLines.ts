import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { storedFrame } from './storedFrame';

const compress = promisify(zstdCompress);

/**
 * Below it, handing the work to another thread costs more than compressing
 * saves.
 */
const STORED_BYTES = 4 * 1024;

/**
 * Writes NDJSON as one zstd frame: compressed on another thread, or as it is
 * when it is little. Level 1 costs least CPU; repeated field names still shrink
 * to a fifth.
 */
export async function compressLines(lines: Buffer): Promise<Buffer> {
  if (lines.length < STORED_BYTES) {
    return storedFrame(lines);
  }
  return compress(lines, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    // Room for the whole result: every further piece is a round trip.
    chunkSize: Math.ceil(lines.length / 3),
  });
}
