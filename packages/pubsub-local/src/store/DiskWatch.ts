import { statfs } from 'node:fs/promises';
import { type Clock } from '../clock';
import { DiskReserve } from './DiskReserve';

const CHECK_EVERY_MS = 1000;

/** Free bytes of the file system under a directory, for unprivileged users. */
export type ReadFreeBytes = (directory: string) => Promise<number>;

/**
 * Watches the free space of the file system under a directory.
 *
 * Publishing stops while space is short, before a commit has to fail: what is
 * left lets acknowledgements commit, and those free the pages of the messages
 * they remove. Between two looks, what was accepted counts as used. Should
 * others fill the disk all the same, the reserve is given up: its space lets
 * the store go on acknowledging and deleting.
 */
export class DiskWatch {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #minFreeBytes: number;
  readonly #readFreeBytes: ReadFreeBytes;
  readonly #reserve: DiskReserve;
  #freeBytes = Infinity;
  #isStopped = false;
  #cancel: (() => void) | undefined;

  constructor(options: {
    directory: string;
    clock: Clock;
    minFreeBytes: number;
    readFreeBytes?: ReadFreeBytes;
  }) {
    this.#directory = options.directory;
    this.#clock = options.clock;
    this.#minFreeBytes = options.minFreeBytes;
    this.#readFreeBytes = options.readFreeBytes ?? readFreeBytes;
    this.#reserve = new DiskReserve(options.directory);
  }

  get isLow(): boolean {
    return this.#freeBytes < this.#minFreeBytes;
  }

  /** So many bytes were accepted and will be written. */
  accepted(bytes: number): void {
    this.#freeBytes -= bytes;
  }

  /** Looks once, then again every second until stopped. */
  async start(): Promise<void> {
    this.#cancel = this.#clock.schedule(CHECK_EVERY_MS, () => {
      this.start().catch(() => {});
    });
    this.#freeBytes = await this.#readFreeBytes(this.#directory);
    if (!this.#isStopped) {
      await this.#reserve.adjust(this.#freeBytes);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }
}

async function readFreeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
