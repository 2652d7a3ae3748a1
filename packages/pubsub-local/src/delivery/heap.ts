/** A binary heap: `pop` gives the least item by `isLess`. */
export class Heap<T> {
  readonly #isLess: (a: T, b: T) => boolean;
  #items: T[] = [];

  constructor(isLess: (a: T, b: T) => boolean) {
    this.#isLess = isLess;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isLess(item, items[parent])) {
        break;
      }
      items[index] = items[parent];
      index = parent;
    }
    items[index] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last !== undefined && items.length > 0) {
      this.#sink(last);
    }
    return top;
  }

  /** Forgets every item for which `keep` is false. */
  retain(keep: (item: T) => boolean): void {
    const kept = this.#items.filter(keep);
    this.#items = [];
    kept.forEach(item => this.push(item));
  }

  /** Places `item` from the top downwards. */
  #sink(item: T): void {
    const items = this.#items;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) {
        break;
      }
      if (
        child + 1 < items.length &&
        this.#isLess(items[child + 1], items[child])
      ) {
        child++;
      }
      if (!this.#isLess(items[child], item)) {
        break;
      }
      items[index] = items[child];
      index = child;
    }
    items[index] = item;
  }
}
