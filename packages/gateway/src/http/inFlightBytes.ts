import { RequestError } from '../errors';

/** What one request holds of the shared room. */
export interface Reservation {
  /** @throws RequestError `overloaded` when there is no room left */
  reserve(bytes: number): void;
  release(): void;
}

/**
 * Bounds the memory of all requests together. A gateway that runs out of memory
 * takes every request down with it; one that says `overloaded` loses none.
 */
export class InFlightBytes {
  private used = 0;

  constructor(private readonly maxBytes: number) {}

  open(): Reservation {
    let held = 0;
    return {
      reserve: bytes => {
        if (this.used + bytes > this.maxBytes) {
          throw new RequestError(
            'overloaded',
            'The gateway works on as many bytes as it can; send the same events again later',
          );
        }
        this.used += bytes;
        held += bytes;
      },
      release: () => {
        this.used -= held;
        held = 0;
      },
    };
  }
}
