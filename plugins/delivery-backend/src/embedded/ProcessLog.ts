import fs from 'node:fs';
import path from 'node:path';

/** A child's line that a person should see without opening its log. */
const WARNING = /^\S+ (warn|error) (.*)$/;

/** More than this in one go is a flood: the log has the rest. */
const MAX_WARNINGS_PER_READ = 20;

/** The most that is looked through for warnings at a time. */
const MAX_READ_BYTES = 1024 * 1024;

/** Options of {@link ProcessLog}. */
export interface ProcessLogOptions {
  file: string;
  /** Size at which the file becomes `<file>.1`. Default 10 MB. */
  maxBytes?: number;
  /** Called with each line of level warn or error. */
  onWarning: (line: string) => void;
}

/**
 * The log of a child process.
 *
 * The child writes to the file itself, through an inherited descriptor, instead
 * of through a pipe: what it says while it drains after its parent was killed
 * still arrives, where a broken pipe would end it in the middle of draining.
 * The price: warnings are read back from the file, and rotation copies and then
 * truncates, so lines written in between are lost. It is a log, not the ledger.
 */
export class ProcessLog {
  readonly #file: string;
  readonly #maxBytes: number;
  readonly #onWarning: (line: string) => void;
  #readFrom: number;
  /** The start of a line whose end was not written yet. */
  #rest = '';

  constructor(options: ProcessLogOptions) {
    this.#file = options.file;
    this.#maxBytes = options.maxBytes ?? 10 * 1024 * 1024;
    this.#onWarning = options.onWarning;
    fs.mkdirSync(path.dirname(this.#file), { recursive: true });
    this.#readFrom = this.#size();
  }

  /** Opens the file for a child to write to; the caller closes it. */
  open(): number {
    return fs.openSync(this.#file, 'a', 0o600);
  }

  /** Adds a line of the supervisor's own, if the disk takes it. */
  write(line: string): void {
    try {
      fs.appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
    } catch {
      // Called while handling the end of a process: that must go on, and there
      // is no better place to say that the log cannot be written.
    }
  }

  /** Passes on new warnings, and rotates a file that has grown too large. */
  collect(): void {
    const size = this.#size();
    if (size < this.#readFrom) {
      this.#readFrom = 0;
    }
    if (size > this.#readFrom) {
      this.#passOnWarnings(this.#read(size));
      this.#readFrom = size;
    }
    if (size > this.#maxBytes) {
      fs.copyFileSync(this.#file, `${this.#file}.1`);
      fs.truncateSync(this.#file, 0);
      this.#readFrom = 0;
    }
  }

  #passOnWarnings(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, MAX_READ_BYTES);
    const warnings = lines
      .map(line => WARNING.exec(line)?.[2])
      .filter(line => line !== undefined);
    warnings.slice(0, MAX_WARNINGS_PER_READ).forEach(this.#onWarning);
    if (warnings.length > MAX_WARNINGS_PER_READ) {
      this.#onWarning(
        `${warnings.length - MAX_WARNINGS_PER_READ} more warnings in ${
          this.#file
        }`,
      );
    }
  }

  #read(end: number): string {
    const start = Math.max(this.#readFrom, end - MAX_READ_BYTES);
    const buffer = Buffer.alloc(end - start);
    const fd = fs.openSync(this.#file, 'r');
    try {
      const length = fs.readSync(fd, buffer, 0, buffer.length, start);
      return buffer.toString('utf8', 0, length);
    } finally {
      fs.closeSync(fd);
    }
  }

  #size(): number {
    return fs.statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }
}
