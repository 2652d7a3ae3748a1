/**
 * The little of a file system that the file queue uses, so that tests can put a
 * failing disk in its place. Errors are those of Node, with their `code`.
 */
export interface Disk {
  /** Creates a directory, readable by its owner only, and those above it. */
  makeDirectory(path: string): Promise<void>;
  /** Names in a directory; none when it does not exist. */
  list(path: string): Promise<string[]>;
  /** Creates a file, readable by its owner only. @throws EEXIST */
  create(path: string): Promise<DiskFile>;
  /** @throws ENOENT */
  readFile(path: string): Promise<Buffer>;
  /** Gives a file a second name. @throws EEXIST */
  link(from: string, to: string): Promise<void>;
  /** @throws ENOENT */
  rename(from: string, to: string): Promise<void>;
  /** Sets the time of last change to now. @throws ENOENT */
  touch(path: string): Promise<void>;
  /** Milliseconds since 1970. @throws ENOENT */
  changedAt(path: string): Promise<number>;
  /** Removes a name; one that is not there is fine. */
  remove(path: string): Promise<void>;
  /** Makes names created and removed in a directory durable. */
  syncDirectory(path: string): Promise<void>;
}

/** A file open for writing. */
export interface DiskFile {
  /** Writes all bytes at a position. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Makes what was written durable (fdatasync). */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}
