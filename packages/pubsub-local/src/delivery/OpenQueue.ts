import { Heap } from './heap';

const COMPACT_FROM = 1024;

/**
 * Sequences of messages to deliver, the lowest first.
 *
 * What arrives in ascending order, which is nearly everything, takes a plain
 * array; the rest a heap. The queue may name messages that are no longer open:
 * these are dropped on the way out instead of being searched for.
 */
export class OpenQueue {
  readonly #returned = new Heap<number>((a, b) => a < b);
  #fresh: number[] = [];
  #freshHead = 0;
  /** Messages that are open in truth; kept by the backlog. */
  size = 0;

  push(sequence: number): void {
    if (sequence > (this.#fresh.at(-1) ?? 0)) {
      this.#fresh.push(sequence);
    } else {
      this.#returned.push(sequence);
    }
  }

  /** The lowest sequence for which `isOpen`. */
  peek(isOpen: (sequence: number) => boolean): number | undefined {
    let returned = this.#returned.peek();
    while (returned !== undefined && !isOpen(returned)) {
      this.#returned.pop();
      returned = this.#returned.peek();
    }
    while (
      this.#freshHead < this.#fresh.length &&
      !isOpen(this.#fresh[this.#freshHead])
    ) {
      this.#freshHead++;
    }
    this.#compact();
    const fresh = this.#fresh[this.#freshHead];
    return returned !== undefined && !(fresh < returned) ? returned : fresh;
  }

  #compact(): void {
    if (
      this.#freshHead > COMPACT_FROM &&
      this.#freshHead * 2 > this.#fresh.length
    ) {
      this.#fresh = this.#fresh.slice(this.#freshHead);
      this.#freshHead = 0;
    }
  }
}
