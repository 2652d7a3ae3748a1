import { Clock } from '../types';

const MAX_STEPS = 5_000;

/** A clock that only moves when a test moves it. */
export class VirtualClock implements Clock {
  private time = Date.parse('2026-11-21T12:00:00Z');
  private timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  schedule(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.time + Math.max(0, delayMs), callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter(each => each !== timer);
    };
  }

  /** Moves to the next timer and runs it; false when there is none. */
  step(): boolean {
    const next = this.timers.reduce<(typeof this.timers)[0] | undefined>(
      (best, timer) => (best && best.at <= timer.at ? best : timer),
      undefined,
    );
    if (!next) {
      return false;
    }
    this.timers = this.timers.filter(each => each !== next);
    this.time = Math.max(this.time, next.at);
    next.callback();
    return true;
  }

  /** Moves from timer to timer until the promise has settled. */
  async runUntil<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const mark = () => {
      isSettled = true;
    };
    promise.then(mark, mark);
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      // Lets everything that needs no time happen first.
      await new Promise(resolve => setImmediate(resolve));
      if (isSettled) {
        return promise;
      }
      this.step();
    }
    throw new Error('The promise does not settle, however late it becomes');
  }
}
