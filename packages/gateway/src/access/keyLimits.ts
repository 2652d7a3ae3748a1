import type { SnapshotWriteKey } from '@millrace/ledger';
import { RequestError } from '../errors';
import { AddressLimit } from './addressLimit';
import type { AccessLimits } from './limits';
import { RateLimit } from './rateLimit';
import { burstOf, rateLimited } from './rateLimited';

/** An ordinary batch fits into the burst of any limit, however low its rate. */
const MIN_BURST_EVENTS = 500;
const MIN_BURST_BYTES = 1024 * 1024;

/** What a request brings. */
interface Amount {
  events: number;
  bytes: number;
}

interface Bucket {
  name: string;
  limit: RateLimit;
  emptyAt: number;
}

interface Buckets {
  /** What the buckets were made for. */
  eventsPerSecond: number | undefined;
  events?: Bucket;
  bytes?: Bucket;
}

/**
 * The rate limits of write keys, and of single addresses with a browser key.
 *
 * One bucket per key and unit, made when a key with a limit is first used.
 */
export class KeyLimits {
  private readonly buckets = new Map<string, Buckets>();
  private readonly visitors: AddressLimit;

  constructor(private readonly limits: AccessLimits) {
    this.visitors = new AddressLimit(
      this.eventsLimit(limits.browserEventsPerSecondPerAddress),
      limits.maxTrackedAddresses,
    );
  }

  /** All or nothing. @throws RequestError */
  charge(
    key: SnapshotWriteKey,
    address: string,
    amount: Amount,
    now: number,
  ): void {
    const isBrowser = key.kind === 'browser';
    const { events, bytes } = this.bucketsOf(key);
    if (!events && !bytes && !isBrowser) {
      return;
    }
    const newEvents = events && admit(events, amount.events, 'events', now);
    const newBytes = bytes && admit(bytes, amount.bytes, 'bytes', now);
    if (isBrowser) {
      this.chargeVisitor(key, address, amount.events, now);
    }
    if (events && newEvents !== undefined) {
      events.emptyAt = newEvents;
    }
    if (bytes && newBytes !== undefined) {
      bytes.emptyAt = newBytes;
    }
  }

  private chargeVisitor(
    key: SnapshotWriteKey,
    address: string,
    amount: number,
    now: number,
  ): void {
    const { visitors } = this;
    const name = 'browserEventsPerSecondPerAddress';
    const waitMs = visitors.admit(address, amount, now, key.keyId);
    if (waitMs === Infinity) {
      throw tooMuch(name, visitors.limit, 'events');
    }
    if (waitMs > 0) {
      throw rateLimited({
        name,
        limit: visitors.limit,
        remaining: visitors.remaining(address, now, key.keyId),
        waitMs,
        message: 'This address sends more events than a browser may',
      });
    }
  }

  private bucketsOf(key: SnapshotWriteKey): Buckets {
    const known = this.buckets.get(key.keyId);
    if (known && known.eventsPerSecond === key.eventsPerSecond) {
      return known;
    }
    const { limits } = this;
    const isBrowser = key.kind === 'browser';
    const eventsPerSecond =
      key.eventsPerSecond ??
      (isBrowser
        ? limits.browserEventsPerSecond
        : limits.serverEventsPerSecond);
    const bytesPerSecond = isBrowser
      ? limits.browserBytesPerSecond
      : limits.serverBytesPerSecond;
    const buckets: Buckets = {
      eventsPerSecond: key.eventsPerSecond,
      events:
        eventsPerSecond === undefined
          ? undefined
          : {
              name: 'eventsPerSecond',
              limit: this.eventsLimit(eventsPerSecond),
              // A new rate is no reason to forget what was sent.
              emptyAt: known?.events?.emptyAt ?? 0,
            },
      bytes:
        bytesPerSecond === undefined
          ? undefined
          : {
              name: 'bytesPerSecond',
              limit: new RateLimit(
                bytesPerSecond,
                burstOf(bytesPerSecond, limits.burstSeconds, MIN_BURST_BYTES),
              ),
              emptyAt: known?.bytes?.emptyAt ?? 0,
            },
    };
    this.buckets.set(key.keyId, buckets);
    return buckets;
  }

  private eventsLimit(perSecond: number): RateLimit {
    const { burstSeconds } = this.limits;
    return new RateLimit(
      perSecond,
      burstOf(perSecond, burstSeconds, MIN_BURST_EVENTS),
    );
  }
}

/** What the bucket becomes if the rest is admitted too. @throws RequestError */
function admit(
  { name, limit, emptyAt }: Bucket,
  amount: number,
  unit: keyof Amount,
  now: number,
): number {
  const admission = limit.admit(emptyAt, amount, now);
  if (admission.waitMs === Infinity) {
    throw tooMuch(name, limit, unit);
  }
  if (admission.waitMs > 0) {
    throw rateLimited({
      name,
      limit,
      remaining: limit.remaining(emptyAt, now),
      waitMs: admission.waitMs,
      message: `The write key's limit of ${unit} is reached`,
    });
  }
  return admission.emptyAt;
}

/** Waiting would not help: the sender has to send less at once. */
function tooMuch(
  name: string,
  { burst }: RateLimit,
  unit: keyof Amount,
): RequestError {
  return new RequestError(
    unit === 'events' ? 'batch_too_many_events' : 'body_too_large',
    `The write key's limit lets at most ${burst} ${unit} through at once; send them in smaller requests`,
    { limit: { name: `${name}Burst`, value: burst } },
  );
}
