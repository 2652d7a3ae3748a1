const SMALLEST = 4 * 1024;
const GROWTH = 8;
/** Larger ones are left to the garbage collector. */
const LARGEST_KEPT = 2 * 1024 * 1024;

/**
 * Buffers to be used again: what is allocated anew for every batch keeps the
 * garbage collector busier than the events do.
 */
export class BufferPool {
  private readonly free = new Map<number, Buffer[]>();
  private keptBytes = 0;

  constructor(private readonly maxKeptBytes: number = 32 * 1024 * 1024) {}

  /** A buffer of at least so many bytes; what is in it has no meaning. */
  take(bytes: number): Buffer {
    const size = sizeFor(bytes);
    const buffer = this.free.get(size)?.pop();
    if (buffer) {
      this.keptBytes -= size;
    }
    return buffer ?? Buffer.allocUnsafeSlow(size);
  }

  /** Gives a taken buffer back. Nobody may look at it any more. */
  release(buffer: Buffer): void {
    const size = buffer.length;
    if (size > LARGEST_KEPT || this.keptBytes + size > this.maxKeptBytes) {
      return;
    }
    const others = this.free.get(size);
    if (others) {
      others.push(buffer);
    } else {
      this.free.set(size, [buffer]);
    }
    this.keptBytes += size;
  }
}

/** Few different sizes, so that one fits again. */
function sizeFor(bytes: number): number {
  let size = SMALLEST;
  while (size < bytes && size < LARGEST_KEPT) {
    size = Math.min(size * GROWTH, LARGEST_KEPT);
  }
  return Math.max(size, bytes);
}
