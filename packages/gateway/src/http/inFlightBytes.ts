import { RequestError } from '../errors';
import { GatewayLimits } from '../options';

/** What one request holds of the shared room. */
export interface Reservation {
  /** @throws RequestError `overloaded` when there is no room left */
  reserve(bytes: number): void;
  /** From here on what it holds counts against a key as well. */
  countFor(keyId: string): void;
  release(): void;
}

type Limits = Pick<
  GatewayLimits,
  'maxInFlightBytes' | 'maxInFlightBytesPerKey'
>;

/**
 * Bounds the memory of all requests together, and the share of each write key.
 * A gateway that runs out of memory takes every request down with it; one that
 * says `overloaded` loses none. The share keeps a key that brings too much from
 * taking the room of the others.
 */
export class InFlightBytes {
  private used = 0;
  private readonly usedByKey = new Map<string, number>();

  constructor(private readonly limits: Limits) {}

  get bytes(): number {
    return this.used;
  }

  open(): Reservation {
    let held = 0;
    let key: string | undefined;
    return {
      reserve: bytes => {
        this.check('maxInFlightBytes', this.used + bytes);
        if (key !== undefined) {
          this.check('maxInFlightBytesPerKey', this.usedBy(key) + bytes);
          this.usedByKey.set(key, this.usedBy(key) + bytes);
        }
        this.used += bytes;
        held += bytes;
      },
      countFor: keyId => {
        key = keyId;
        this.usedByKey.set(key, this.usedBy(key) + held);
      },
      release: () => {
        this.used -= held;
        if (key !== undefined) {
          const rest = this.usedBy(key) - held;
          if (rest > 0) {
            this.usedByKey.set(key, rest);
          } else {
            this.usedByKey.delete(key);
          }
        }
        held = 0;
      },
    };
  }

  private usedBy(key: string): number {
    return this.usedByKey.get(key) ?? 0;
  }

  private check(name: keyof Limits, bytes: number): void {
    const value = this.limits[name];
    if (bytes > value) {
      throw new RequestError(
        'overloaded',
        'The gateway works on as many bytes as it can; send the same events again later',
        { limit: { name, value } },
      );
    }
  }
}
