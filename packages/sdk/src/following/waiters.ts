import { ProducerError } from '../errors';
import { Verdict } from '../types';

/** Somebody who waits for the verdict on one event. */
export interface Waiter {
  resolve: (verdict: Verdict) => void;
  reject: (error: ProducerError) => void;
}

/** Who waits for which verdict; each hears of it once. */
export class Waiters {
  private readonly waiters = new Map<number, Waiter>();

  /** @param position of the event in the queue */
  add(position: number, waiter: Waiter): void {
    this.waiters.set(position, waiter);
  }

  /** Gives out who waits, and forgets it. */
  take(position: number): Waiter | undefined {
    const waiter = this.waiters.get(position);
    this.waiters.delete(position);
    return waiter;
  }

  rejectAll(createError: () => ProducerError): void {
    for (const waiter of this.waiters.values()) {
      waiter.reject(createError());
    }
    this.waiters.clear();
  }
}
