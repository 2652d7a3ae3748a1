import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';

const compress = promisify(zstdCompress);

const SMALLEST_CHUNK = 4 * 1024;

/**
 * Compresses NDJSON, on another thread. Level 1 costs least CPU; repeated field
 * names still shrink to a fifth.
 */
export function compressLines(lines: Buffer): Promise<Buffer> {
  return compress(lines, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    // Room for the whole result: every further piece is a round trip.
    chunkSize: Math.max(SMALLEST_CHUNK, Math.ceil(lines.length / 3)),
  });
}
