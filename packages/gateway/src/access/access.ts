import type { SnapshotWriteKey } from '@millrace/ledger';
import type { Clock } from '../clock';
import { RequestError } from '../errors';
import type { GatewaySnapshot } from '../snapshot';
import { AddressLimit } from './addressLimit';
import { Credentials, presentedKey } from './credentials';
import { KeyCheck, KeyProblem } from './keyCheck';
import { KeyLimits } from './keyLimits';
import { KeyUse, KeyUses } from './keyUse';
import type { AccessLimits } from './limits';
import { burstOf, rateLimited } from './rateLimited';
import { RateLimit } from './rateLimit';

/**
 * Decides who may send, and how much.
 *
 * @public
 */
export interface Access {
  /**
   * Finds the write key of a request.
   *
   * @throws RequestError `not_ready`, `missing_write_key`, `invalid_write_key`
   * or `rate_limited`
   */
  authenticate(credentials: Credentials, address: string): SnapshotWriteKey;

  /**
   * Charges what a request brings to its key and address: all of it or nothing.
   *
   * @throws RequestError `rate_limited`, or `batch_too_many_events` or
   * `body_too_large` for more than a limit ever lets through at once
   */
  charge(
    writeKey: SnapshotWriteKey,
    address: string,
    amount: { events: number; bytes: number },
  ): void;
}

/** Access that also tells what it has seen. @public */
export interface MeteredAccess extends Access {
  /**
   * Hands the counts of the keys used since the last report to `send`. When
   * that fails, they are part of the next report.
   */
  report(send: (uses: KeyUse[]) => Promise<void>): Promise<void>;
}

/** @see createAccess */
export interface AccessOptions {
  snapshot(): GatewaySnapshot | undefined;
  clock: Clock;
  limits: AccessLimits;
}

/**
 * Write keys and limits of one gateway.
 *
 * Guarantees:
 * - A key works from the moment a snapshot has it, and stops when one no longer
 *   has it, or when it expires by this gateway's clock, which counts as never
 *   going back.
 * - A server key is not taken from a URL: URLs end up in logs.
 * - Failing senders at an address are slowed down, and take nothing from those
 *   with a good key behind the same proxy. That limit is no defence against
 *   guessing; the 190 bits of a secret are.
 * - Memory is bounded by the number of keys and `maxTrackedAddresses`.
 */
export function createAccess(options: AccessOptions): MeteredAccess {
  const { clock, limits } = options;
  const check = new KeyCheck();
  const uses = new KeyUses();
  const keyLimits = new KeyLimits(limits);
  const failures = addressLimit(
    limits.failedAuthenticationsPerSecondPerAddress,
    limits,
  );
  const requests =
    limits.requestsPerSecondPerAddress === undefined
      ? undefined
      : addressLimit(limits.requestsPerSecondPerAddress, limits);
  let latest = -Infinity;

  function refuse(address: string, now: number, error: RequestError): never {
    const waitMs = failures.admit(address, 1, now);
    throw waitMs === 0
      ? error
      : rateLimited({
          name: 'failedAuthenticationsPerSecondPerAddress',
          limit: failures.limit,
          remaining: 0,
          waitMs,
          message: `Too many requests without a good write key came from this address: ${error.message}`,
        });
  }

  return {
    authenticate(credentials, address) {
      const snapshot = options.snapshot();
      if (!snapshot) {
        throw new RequestError(
          'not_ready',
          'The gateway has no configuration yet; send the same events again later',
        );
      }
      const now = clock.now();
      const waitMs = requests?.admit(address, 1, now) ?? 0;
      if (requests && waitMs > 0) {
        throw rateLimited({
          name: 'requestsPerSecondPerAddress',
          limit: requests.limit,
          remaining: requests.remaining(address, now),
          waitMs,
          message: 'Too many requests came from this address',
        });
      }
      const presented = presentedKey(credentials);
      if (!presented) {
        return refuse(address, now, missingKey());
      }
      const found = check.check(presented.text, snapshot);
      if (typeof found === 'string') {
        return refuse(address, now, badKey(found));
      }
      const { key, expiresAtMs } = found;
      latest = Math.max(latest, now);
      if (latest >= expiresAtMs) {
        uses.refusal(key.keyId, now, false);
        return refuse(address, now, expiredKey(expiresAtMs));
      }
      if (presented.isInUrl && key.kind !== 'browser') {
        uses.refusal(key.keyId, now, false);
        return refuse(address, now, exposedKey());
      }
      uses.request(key.keyId, now);
      return key;
    },

    charge(writeKey, address, amount) {
      const now = clock.now();
      try {
        keyLimits.charge(writeKey, address, amount, now);
      } catch (error) {
        uses.refusal(writeKey.keyId, now, true);
        throw error;
      }
      uses.events(writeKey.keyId, amount.events, now);
    },

    report: send => uses.report(send),
  };
}

function addressLimit(perSecond: number, limits: AccessLimits): AddressLimit {
  const burst = burstOf(perSecond, limits.burstSeconds, 1);
  return new AddressLimit(
    new RateLimit(perSecond, burst),
    limits.maxTrackedAddresses,
  );
}

function missingKey(): RequestError {
  return new RequestError(
    'missing_write_key',
    "Send the write key as 'Authorization: Bearer mr_…'",
    { headers: { 'www-authenticate': 'Bearer' } },
  );
}

function badKey(problem: KeyProblem): RequestError {
  return invalidKey(
    problem === 'mistyped'
      ? 'The write key is mistyped: a write key is written mr_…_…_… and ends in a checksum'
      : 'The write key is not known, or has been revoked',
  );
}

function expiredKey(expiresAtMs: number): RequestError {
  return invalidKey(
    `The write key expired at ${new Date(
      expiresAtMs,
    ).toISOString()}; use its successor`,
  );
}

function exposedKey(): RequestError {
  return invalidKey(
    "A server's write key is not taken from a URL, because URLs are written to logs. Send it as 'Authorization: Bearer mr_…', and replace this key by rotating it; only browser keys may be sent as ?writeKey=",
  );
}

function invalidKey(message: string): RequestError {
  return new RequestError('invalid_write_key', message, {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
