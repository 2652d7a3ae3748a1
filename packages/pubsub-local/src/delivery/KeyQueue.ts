/**
 * The unacknowledged messages of one ordering key.
 *
 * The first `leased` of them are leased, all to one owner, in order: who has
 * the first messages of a key gets the next ones too, and nobody else gets any
 * until the owner has answered for all of them. One that rests after a failed
 * delivery is the last of the leased and holds up what follows.
 */
export class KeyQueue {
  /** Ascending. */
  readonly sequences: number[] = [];
  leased = 0;
  owner: object | undefined;
  resting: number | undefined;
  /** The message that may be taken now, if any. */
  open: number | undefined;

  /** The next message to deliver, unless one that rests holds it up. */
  get head(): number | undefined {
    return this.resting === undefined ? this.sequences[this.leased] : undefined;
  }

  add(sequence: number): void {
    this.sequences.push(sequence);
  }

  take(owner: object): void {
    this.leased++;
    this.owner = owner;
  }

  remove(sequence: number): void {
    const index = this.#indexOf(sequence);
    this.sequences.splice(index, 1);
    if (index < this.leased) {
      this.#setLeased(this.leased - 1);
    }
    if (this.resting === sequence) {
      this.resting = undefined;
    }
  }

  /** Takes back a leased message and what was leased after it. */
  takeBack(sequence: number): number[] {
    const index = this.#indexOf(sequence);
    const later = this.sequences.slice(index + 1, this.leased);
    this.resting = undefined;
    this.#setLeased(index);
    return later;
  }

  /** Puts the head to rest. */
  rest(sequence: number): void {
    this.leased++;
    this.resting = sequence;
  }

  #setLeased(leased: number): void {
    this.leased = leased;
    if (leased === 0) {
      this.owner = undefined;
    }
  }

  #indexOf(sequence: number): number {
    let low = 0;
    let high = this.sequences.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sequences[middle] < sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
