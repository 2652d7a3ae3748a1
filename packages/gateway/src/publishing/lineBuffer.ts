import { BufferPool } from './bufferPool';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

const NOTHING = Buffer.alloc(0);
const pool = new BufferPool();

/** Where the bytes of a line are: a JSON object. */
export interface LineSource {
  bytes: Buffer;
  start: number;
  /** First byte after it. */
  end: number;
  /** Whether there may be line breaks in it. */
  hasBreaks: boolean;
}

/** NDJSON in the making: one growing buffer, lines copied into it once. */
export class LineBuffer {
  lines = 0;
  private buffer = pool.take(1);
  private length = 0;

  /** What the batch has so far; valid until the next line. */
  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  get byteLength(): number {
    return this.length;
  }

  /**
   * Adds a line: `prefix` in place of the opening brace, then the rest of the
   * object. Line breaks in it become spaces: in JSON they can only be white
   * space between tokens.
   */
  add(prefix: Buffer, { bytes, start, end, hasBreaks }: LineSource): void {
    const needed = prefix.length + (end - start);
    if (this.length + needed > this.buffer.length) {
      this.grow(needed);
    }
    const { buffer } = this;
    let at = this.length;
    at += prefix.copy(buffer, at);
    const text = at;
    at += bytes.copy(buffer, at, start + 1, end);
    if (hasBreaks) {
      replaceBreaks(buffer, text, at);
    }
    buffer[at] = LINE_FEED;
    this.length = at + 1;
    this.lines += 1;
  }

  /** Ends its use: what it holds is given up. */
  release(): void {
    pool.release(this.buffer);
    this.buffer = NOTHING;
    this.length = 0;
  }

  private grow(needed: number): void {
    const larger = pool.take(this.length + needed);
    this.buffer.copy(larger, 0, 0, this.length);
    pool.release(this.buffer);
    this.buffer = larger;
  }
}

function replaceBreaks(buffer: Buffer, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    if (buffer[i] === LINE_FEED || buffer[i] === CARRIAGE_RETURN) {
      buffer[i] = SPACE;
    }
  }
}
