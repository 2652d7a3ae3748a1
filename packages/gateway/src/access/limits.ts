/**
 * What a gateway lets through per write key and per address.
 *
 * Rates hold over time; at once may come `burstSeconds` of them, so that a
 * producer can send what it gathered while it was away. Every gateway counts by
 * itself: behind a load balancer the limits of a key add up.
 *
 * @public
 */
export interface AccessLimits {
  /** Of one server key. Default: none. A key's own limit comes first. */
  serverEventsPerSecond?: number;
  /** Bodies as they were read, of one server key. Default: none. */
  serverBytesPerSecond?: number;
  /** Of one browser key. Default 2,000. A key's own limit comes first. */
  browserEventsPerSecond: number;
  /** Of one browser key. Default 4 MiB. */
  browserBytesPerSecond: number;
  /**
   * Of one address with one browser key, which is public: one visitor must not
   * use up what is there for all. Default 50.
   */
  browserEventsPerSecondPerAddress: number;
  /** Whatever the key. Default: none, since many senders may share one. */
  requestsPerSecondPerAddress?: number;
  /**
   * Above it, a request without a good write key is answered with
   * `rate_limited`. A good key is taken whatever its neighbours at the address
   * do. Default 2.
   */
  failedAuthenticationsPerSecondPerAddress: number;
  /** How many seconds of a rate may come at once. Default 10. */
  burstSeconds: number;
  /**
   * Addresses that are told apart at a time; further ones share one allowance.
   * Default 50,000, which takes about 10 MB.
   */
  maxTrackedAddresses: number;
  /**
   * How many proxies in front of the gateway are trusted to have appended the
   * address they saw to `X-Forwarded-For`. Default 0: the header is ignored.
   */
  trustedProxyHops: number;
}

/** @public */
export const DEFAULT_ACCESS_LIMITS: AccessLimits = {
  browserEventsPerSecond: 2_000,
  browserBytesPerSecond: 4 * 1024 * 1024,
  browserEventsPerSecondPerAddress: 50,
  failedAuthenticationsPerSecondPerAddress: 2,
  burstSeconds: 10,
  maxTrackedAddresses: 50_000,
  trustedProxyHops: 0,
};
