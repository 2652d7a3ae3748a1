import { statfs } from 'node:fs/promises';
import { type Clock } from '../clock';

const CHECK_EVERY_MS = 1000;

/**
 * Watches the free space of the file system under a directory.
 *
 * Publishing stops while space is short, before a commit has to fail: what is
 * left lets acknowledgements commit, and those free the pages of the messages
 * they remove.
 */
export class DiskWatch {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #minFreeBytes: number;
  #isLow = false;
  #cancel: (() => void) | undefined;

  constructor(options: {
    directory: string;
    clock: Clock;
    minFreeBytes: number;
  }) {
    this.#directory = options.directory;
    this.#clock = options.clock;
    this.#minFreeBytes = options.minFreeBytes;
  }

  get isLow(): boolean {
    return this.#isLow;
  }

  /** Looks once, then again every second until stopped. */
  async start(): Promise<void> {
    this.#cancel = this.#clock.schedule(CHECK_EVERY_MS, () => {
      this.start().catch(() => {});
    });
    const { bavail, bsize } = await statfs(this.#directory);
    this.#isLow = bavail * bsize < this.#minFreeBytes;
  }

  stop(): void {
    this.#cancel?.();
  }
}
