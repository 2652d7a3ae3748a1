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
  /** A lake is neither a folder nor `gs://bucket` or `gs://bucket/prefix`. */
  | 'invalid_location'
  /** The store cannot be reached, or fails; what was asked may be asked again. */
  | 'store_unavailable'
  /** The store says no: wrong credentials, a missing right, no such bucket. */
  | 'store_refused'
  /** What arrived is not what was sent, time after time. */
  | 'checksum_mismatch';

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
