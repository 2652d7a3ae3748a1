import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export const RESERVE_BYTES = 16 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;

/**
 * A file that takes up space, so that there is some left on a full disk.
 *
 * LMDB copies the pages it changes, also to delete. On a disk without any room
 * even an acknowledgement would fail, and the broker with it. The reserve is
 * removed when less than its size is free, and made again when there is room
 * for it four times over.
 */
export class DiskReserve {
  readonly #path: string;
  #adjusting: Promise<void> | undefined;

  constructor(directory: string) {
    this.#path = join(directory, 'reserve');
  }

  /** Gives the reserve up, or makes it, as the free space asks for. */
  async adjust(freeBytes: number): Promise<void> {
    this.#adjusting ??= this.#adjust(freeBytes).finally(() => {
      this.#adjusting = undefined;
    });
    await this.#adjusting;
  }

  async #adjust(freeBytes: number): Promise<void> {
    if (freeBytes < RESERVE_BYTES) {
      await rm(this.#path, { force: true });
    } else if (freeBytes > 4 * RESERVE_BYTES && !(await this.#isWhole())) {
      await this.#make();
    }
  }

  async #isWhole(): Promise<boolean> {
    const { size } = await stat(this.#path).catch(() => ({ size: 0 }));
    return size === RESERVE_BYTES;
  }

  async #make(): Promise<void> {
    const file = await open(this.#path, 'w');
    try {
      // Written, not truncated to size: only what is written takes up space.
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (let bytes = 0; bytes < RESERVE_BYTES; bytes += CHUNK_BYTES) {
        await file.write(chunk);
      }
    } catch {
      await rm(this.#path, { force: true });
    } finally {
      await file.close();
    }
  }
}
