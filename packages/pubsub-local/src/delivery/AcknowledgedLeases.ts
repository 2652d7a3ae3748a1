const MAX_REMEMBERED = 100_000;

/**
 * Leases that ended with an acknowledgement, for exactly-once delivery: a client
 * whose reply was lost asks again, and must not be told that it failed.
 *
 * The newest 100,000 of a subscription are remembered, until a restart.
 */
export class AcknowledgedLeases {
  // A Set keeps the order in which its members came.
  readonly #leases = new Set<number>();

  add(lease: number): void {
    this.#leases.add(lease);
    if (this.#leases.size > MAX_REMEMBERED) {
      const [oldest] = this.#leases;
      this.#leases.delete(oldest);
    }
  }

  has(lease: number): boolean {
    return this.#leases.has(lease);
  }
}
