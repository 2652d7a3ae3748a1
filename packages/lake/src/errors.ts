/**
 * The closed list of reasons for which the lake refuses something.
 *
 * @public
 */
export type LakeErrorCode =
  /** A key is not a plain relative path of allowed segments. */
  | 'invalid_key'
  /** A key leads out of the root, for example through a symbolic link. */
  | 'key_outside_root'
  /** Nothing is stored under the key. */
  | 'not_found'
  /** A manifest is not JSON, not of a known format, or contradicts itself. */
  | 'invalid_manifest'
  /** A partition is published already, from other inputs. */
  | 'partition_exists'
  /** A manifest names a file that is missing or has another size. */
  | 'partition_damaged'
  /** A page of rows was asked for with an impossible limit or offset. */
  | 'invalid_page'
  /** This kind of store keeps no files that DuckDB could open in place. */
  | 'not_readable_in_place';

/**
 * Thrown by everything in this package; `code` is for machines, the message is
 * for the person who has to act on it.
 *
 * @public
 */
export class LakeError extends Error {
  constructor(
    readonly code: LakeErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'LakeError';
  }
}
