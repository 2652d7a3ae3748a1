import { Clock } from '../clock';

/** A clock that only moves when a test moves it. */
export class ManualClock implements Clock {
  private timers: { at: number; callback: () => void }[] = [];

  private corrections = 0;

  constructor(private time = Date.parse('2026-11-21T12:59:55Z')) {}

  now(): number {
    return this.time + this.corrections;
  }

  steadyMs(): number {
    return this.time;
  }

  schedule(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.time + delayMs, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter(each => each !== timer);
    };
  }

  /** Moves on and runs what became due, in order. */
  advance(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const due = this.timers
        .filter(timer => timer.at <= until)
        .sort((a, b) => a.at - b.at)
        .at(0);
      if (!due) {
        break;
      }
      this.timers = this.timers.filter(each => each !== due);
      this.time = Math.max(this.time, due.at);
      due.callback();
    }
    this.time = until;
  }

  /** What a correction of the system's time does. */
  setBack(ms: number): void {
    this.corrections -= ms;
  }
}

/** Lets everything that needs no time happen, compression threads included. */
export async function settleMicrotasks(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise(resolve => setImmediate(resolve));
  }
}
