import { isIPv6 } from 'node:net';
import { RateLimit } from './rateLimit';

/** Entries looked at for a free place when one is needed. */
const EVICTION_PROBES = 8;

/**
 * One rate limit per address, and per key if told one, in bounded memory.
 *
 * Guarantee: no address gets more than the rate limit, however many others
 * there are. An entry gives way to another one only once its bucket is empty,
 * when it is as good as none: a sender with many addresses cannot push its own,
 * or anybody's, count out. When there is no place, newcomers share one bucket,
 * and whoever moves from there to a place of its own takes its fill along.
 */
export class AddressLimit {
  private readonly emptyAt = new Map<string, number>();
  private sharedEmptyAt = 0;

  constructor(readonly limit: RateLimit, private readonly maxTracked: number) {}

  /**
   * How long to wait before the amount may come; 0 when it was admitted,
   * Infinity when it is more than ever comes through at once.
   */
  admit(address: string, amount: number, now: number, keyId = ''): number {
    const name = keyId + networkOf(address);
    const own = this.emptyAt.get(name);
    const isTracked = own !== undefined || this.makePlace(now);
    const before = own ?? this.sharedEmptyAt;
    const { emptyAt, waitMs } = this.limit.admit(before, amount, now);
    if (waitMs === 0) {
      if (isTracked) {
        this.emptyAt.set(name, emptyAt);
      } else {
        this.sharedEmptyAt = emptyAt;
      }
    }
    return waitMs;
  }

  remaining(address: string, now: number, keyId = ''): number {
    const own = this.emptyAt.get(keyId + networkOf(address));
    return this.limit.remaining(own ?? this.sharedEmptyAt, now);
  }

  /** How many addresses are told apart. */
  get size(): number {
    return this.emptyAt.size;
  }

  private makePlace(now: number): boolean {
    if (this.emptyAt.size < this.maxTracked) {
      return true;
    }
    let probes = 0;
    for (const [name, emptyAt] of this.emptyAt) {
      this.emptyAt.delete(name);
      if (emptyAt <= now) {
        return true;
      }
      // To the end of the order, so that the next search looks at others.
      this.emptyAt.set(name, emptyAt);
      probes += 1;
      if (probes === EVICTION_PROBES) {
        break;
      }
    }
    return false;
  }
}

/**
 * What stands for a sender: an IPv4 address, or the first half of an IPv6 one,
 * since whoever has one IPv6 address usually has 2^64 of them.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) {
    return mapped[1];
  }
  return isIPv6(address) ? expandIPv6(address).slice(0, 4).join(':') : address;
}

function expandIPv6(address: string): string[] {
  const [head, tail] = address.split('%')[0].split('::');
  const before = head ? head.split(':') : [];
  const after = tail ? tail.split(':') : [];
  const zeros = Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill('0'), ...after].map(group =>
    group.toLowerCase().replace(/^0+(?=.)/, ''),
  );
}
