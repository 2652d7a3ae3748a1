/**
 * Where a write key is used.
 *
 * - `server`: a secret of a service.
 * - `browser`: public, for pages and apps on devices of others. It can only
 *   write, only the event types it names, and only at a limited rate.
 *
 * @public
 */
export type WriteKeyKind = 'server' | 'browser';

/**
 * Whether gateways take a write key: until it is revoked or has expired.
 * Neither can be taken back.
 *
 * @public
 */
export type WriteKeyState = 'live' | 'expired' | 'revoked';

/**
 * What one gateway has seen of a write key.
 *
 * @public
 */
export interface WriteKeyGatewayUse {
  gateway: string;
  /** Requests that came with the key and were not refused as a whole. */
  requests: number;
  /** Events in them, whatever their verdict. */
  events: number;
  /** Requests refused as a whole: over a limit, or after the key expired. */
  refusedRequests: number;
  lastUsedAt: string;
}

/**
 * What all gateways have seen of a write key, a few seconds ago. Before the old
 * key of a rotation is revoked, this should have stood still for a while.
 *
 * @public
 */
export interface WriteKeyUse {
  requests: number;
  events: number;
  refusedRequests: number;
  /** When any gateway last saw it, also if it refused; missing: never. */
  lastUsedAt?: string;
  gateways: WriteKeyGatewayUse[];
}

/**
 * What a producer authenticates with, as people see it: without its secret.
 *
 * @public
 */
export interface WriteKey {
  keyId: string;
  name: string;
  /** The producer it is for; missing for keys of earlier releases. */
  producer?: string;
  kind: WriteKeyKind;
  /** The event types it may send; missing means all. */
  eventTypes?: string[];
  /** Its own limit; missing means the gateways' limit for its kind. */
  eventsPerSecond?: number;
  /** Entity reference of the team, or person, that answers for it. */
  owner: string;
  createdAt: string;
  /** Entity reference. */
  createdBy: string;
  state: WriteKeyState;
  /** From when on gateways refuse it; may lie in the future. */
  expiresAt?: string;
  revokedAt?: string;
  /** The key it was made to replace. */
  replaces?: string;
  /** What Millrace made it for itself; missing for the key of a producer. */
  purpose?: 'replay' | 'test-event';
  use: WriteKeyUse;
}

/**
 * The body of `POST /write-keys`. A producer of one owner has at most two live
 * keys; a third is answered with 409.
 *
 * @public
 */
export interface WriteKeyRequest {
  /** What the key is for, for people. */
  name: string;
  /**
   * The producer it is for: 1 to 100 letters, digits, `.`, `_`, `-`, `:` or
   * `/`, beginning with a letter or digit.
   */
  producer: string;
  /** Default `server`. */
  kind?: WriteKeyKind;
  /**
   * Leave it out for all event types; the platform team only, and never for a
   * browser key.
   */
  eventTypes?: string[];
  /** 1 to 10,000,000. Leave it out for the gateways' limit for the kind. */
  eventsPerSecond?: number;
  /** Leave it out for a key that does not expire by itself. */
  expiresAt?: string;
}

/**
 * The body of `POST /write-keys/:keyId/rotate`: makes a successor with the same
 * producer, kind, event types and limit. Answered with {@link CreatedWriteKey}.
 *
 * @public
 */
export interface WriteKeyRotation {
  /**
   * For how long the old key goes on working, in seconds, up to 90 days; 0 ends
   * it with the answer. Leave it out, and it works until it is revoked.
   */
  graceSeconds?: number;
}

/**
 * The body of `POST /write-keys/:keyId/expiry`. Answered with the
 * {@link WriteKey}; 409 when the key has expired or was revoked.
 *
 * @public
 */
export interface WriteKeyExpiry {
  /** Leave it out to let the key work until it is revoked. */
  expiresAt?: string;
}

/**
 * The answer of `POST /write-keys` and `POST /write-keys/:keyId/rotate`: the
 * only time the key is seen in clear.
 *
 * @public
 */
export interface CreatedWriteKey extends WriteKey {
  writeKey: string;
}
