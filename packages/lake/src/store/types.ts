/**
 * Where partitions live: a flat space of keys, like an object store.
 *
 * The one promise everything else is built on: **an object, once there, is
 * never replaced.** There is no operation that overwrites. Of several writers
 * of one key exactly one is told `created`. What every store promises is in
 * `storeContract.test.ts`.
 *
 * @public
 */
export interface LakeStore {
  /**
   * Stores a copy of a local file under the key unless the key is taken. When
   * this resolves with `created`, the object survives a power cut; a reader
   * sees all of it or nothing.
   */
  putIfAbsent(key: string, localFile: string): Promise<PutResult>;

  /** Like {@link LakeStore.putIfAbsent}, from memory. For small objects. */
  putBytesIfAbsent(key: string, bytes: Uint8Array): Promise<PutResult>;

  /** The whole object. Throws a `LakeError` with code `not_found`. */
  get(key: string): Promise<Buffer>;

  /** The object's size, or `undefined` when there is none. */
  stat(key: string): Promise<{ bytes: number } | undefined>;

  /** All keys below a folder, sorted. */
  list(folder: string): Promise<string[]>;

  /**
   * Removes an object; removing what is not there is fine. Only for files that
   * no manifest names: publishing and retention are its only users.
   */
  delete(key: string): Promise<void>;

  /**
   * Path of a local file with the bytes of the object, which DuckDB can open and
   * nobody may write to. A store of local files gives the file itself; another
   * one downloads, checked, to a place inside `folder` that belongs to the key,
   * and finds what it has put there before. The caller makes the folder, and
   * removes it. Throws a `LakeError` with code `not_found`.
   */
  localCopy(key: string, folder: string): Promise<string>;

  /**
   * Removes what puts that were cut short have left behind, in stores where
   * something is left. Only what is older than the given age, because another
   * process may be in the middle of a put.
   */
  removeAbandonedPuts?(options: { olderThan: Date }): Promise<number>;
}

/** @public */
export type PutResult = 'created' | 'exists';
