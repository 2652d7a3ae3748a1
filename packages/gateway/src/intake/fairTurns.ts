/**
 * One at a time, in turn by key: whoever brings much waits behind itself, and
 * holds up each other key by one piece of work at most.
 */
export class FairTurns {
  private isTaken = false;
  /** Keys in the order of their turns; a key comes at the end again. */
  private readonly waiting = new Map<string, (() => void)[]>();

  /** Resolves when it is the caller's turn, which `end` ends. */
  async begin(key: string): Promise<void> {
    if (!this.isTaken) {
      this.isTaken = true;
      return;
    }
    await new Promise<void>(resolve => {
      const queue = this.waiting.get(key);
      if (queue) {
        queue.push(resolve);
      } else {
        this.waiting.set(key, [resolve]);
      }
    });
  }

  end(): void {
    const next = this.waiting.entries().next();
    if (next.done) {
      this.isTaken = false;
      return;
    }
    const [key, queue] = next.value;
    const [resolve, ...rest] = queue;
    this.waiting.delete(key);
    if (rest.length > 0) {
      this.waiting.set(key, rest);
    }
    resolve();
  }
}
