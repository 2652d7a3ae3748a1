import { type Clock } from '../clock';

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #wallMs = Date.UTC(2026, 10, 21, 13);
  #monotonicMs = 1_000;
  #tasks: { atMs: number; run: () => void }[] = [];

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const task = { atMs: this.#monotonicMs + delayMs, run };
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter(other => other !== task);
    };
  }

  /** Lets time pass and runs what falls due, in order. */
  advance(ms: number): void {
    const untilMs = this.#monotonicMs + ms;
    for (;;) {
      const [next] = this.#tasks
        .filter(({ atMs }) => atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs);
      if (!next) {
        break;
      }
      this.#tasks = this.#tasks.filter(other => other !== next);
      this.#pass(Math.max(0, next.atMs - this.#monotonicMs));
      next.run();
    }
    this.#pass(untilMs - this.#monotonicMs);
  }

  /** Lets time pass at once, as for a machine that slept; what fell due runs. */
  leap(ms: number): void {
    this.#pass(ms);
    this.advance(0);
  }

  /** The wall clock is set to another time; no time passes. */
  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }

  #pass(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicMs += ms;
  }
}
