/**
 * What a producer authenticates with, as people see it: without its secret.
 *
 * @public
 */
export interface WriteKey {
  keyId: string;
  name: string;
  /** The event types it may send; missing means all. */
  eventTypes?: string[];
  createdAt: string;
  /** Entity reference. */
  createdBy: string;
  revokedAt?: string;
}

/**
 * The body of `POST /write-keys`.
 *
 * @public
 */
export interface WriteKeyRequest {
  /** What the key is for, for people. */
  name: string;
  /** Leave it out for all event types; the platform team only. */
  eventTypes?: string[];
}

/**
 * The answer of `POST /write-keys`: the only time the key is seen in clear.
 *
 * @public
 */
export interface CreatedWriteKey extends WriteKey {
  writeKey: string;
}
