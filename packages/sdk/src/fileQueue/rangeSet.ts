/** A set of integers that mostly come in order, kept as ranges. */
export class RangeSet {
  /** Sorted, neither overlapping nor touching. */
  private list: [number, number][] = [];

  get ranges(): readonly (readonly [number, number])[] {
    return this.list;
  }

  has(value: number): boolean {
    const [from, to] = this.list[this.indexOf(value)] ?? [Infinity, -Infinity];
    return from <= value && value <= to;
  }

  add(value: number): void {
    this.addRange(value, value);
  }

  addRange(from: number, to: number): void {
    const first = this.indexOf(from - 1);
    let after = first;
    let [start, end] = [from, to];
    while (after < this.list.length && this.list[after][0] <= to + 1) {
      start = Math.min(start, this.list[after][0]);
      end = Math.max(end, this.list[after][1]);
      after += 1;
    }
    this.list.splice(first, after - first, [start, end]);
  }

  /** How many values from one to another are in the set. */
  countWithin(from: number, to: number): number {
    let count = 0;
    for (let at = this.indexOf(from); at < this.list.length; at++) {
      const [start, end] = this.list[at];
      if (start > to) {
        break;
      }
      count += Math.min(end, to) - Math.max(start, from) + 1;
    }
    return count;
  }

  /** Index of the first range that does not end before a value. */
  private indexOf(value: number): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.list[middle][1] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
