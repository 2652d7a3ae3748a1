import { BatchGatherer } from './batchGatherer';

interface Entry<Detail> {
  detail: Detail;
  gatherer: BatchGatherer;
}

/**
 * The gatherers at work: one per key and, for a key, only for its latest
 * detail. One that was replaced sends what it has by itself.
 */
export class GathererSet<Key extends object, Detail> {
  private readonly entries = new Map<Key, Entry<Detail>>();
  private replaced: BatchGatherer[] = [];
  private latest: Detail | undefined;
  private lastKey: Key | undefined;
  private last: Entry<Detail> | undefined;

  constructor(
    private readonly create: (key: Key, detail: Detail) => BatchGatherer,
  ) {}

  of(key: Key, detail: Detail): BatchGatherer {
    // Events of one type come in a row.
    if (this.last && this.lastKey === key && this.last.detail === detail) {
      return this.last.gatherer;
    }
    if (this.latest !== detail) {
      this.latest = detail;
      this.tidy();
    }
    let entry = this.entries.get(key);
    if (!entry || entry.detail !== detail) {
      if (entry) {
        this.replaced.push(entry.gatherer);
      }
      entry = { detail, gatherer: this.create(key, detail) };
      this.entries.set(key, entry);
    }
    this.lastKey = key;
    this.last = entry;
    return entry.gatherer;
  }

  async flush(): Promise<void> {
    const all = [...this.entries.values()].map(each => each.gatherer);
    await Promise.all([...this.replaced, ...all].map(each => each.flush()));
  }

  private tidy(): void {
    this.replaced = this.replaced.filter(each => !each.isIdle);
    for (const [key, { gatherer }] of this.entries) {
      if (gatherer.isIdle) {
        this.entries.delete(key);
      }
    }
  }
}
