import { Clock } from '../clock';

/** @see BatchGatherer */
export interface BatchGathererOptions<Context> {
  clock: Clock;
  gatherMs: number;
  maxBatchEvents: number;
  maxBatchBytes: number;
  /** Called when a batch is opened, before its first line is in it. */
  onOpen?: (context: Context) => void;
  /** Publishes a full or due batch; tells whether it is committed. */
  publish: (context: Context, lines: string[]) => Promise<boolean>;
}

interface OpenBatch<Context> {
  context: Context;
  lines: string[];
  bytes: number;
  committed: Promise<boolean>;
  resolve: (committed: Promise<boolean>) => void;
  cancelTimer: () => void;
}

/**
 * Gathers the lines of concurrent requests into batches, one open batch per
 * key: a group commit. What the broker costs is paid per message, so events
 * that arrive together should travel together.
 *
 * While nothing of a key is on its way, a batch leaves as soon as the requests
 * at hand have been read. Otherwise it gathers until what is on its way has
 * arrived, but no longer than `gatherMs`. So a lone sender does not wait, and
 * the slower the broker, the larger its messages become.
 */
export class BatchGatherer<Context> {
  private readonly open = new Map<string, OpenBatch<Context>>();
  private readonly onTheirWay = new Map<string, number>();
  private readonly sending = new Set<Promise<boolean>>();

  constructor(private readonly options: BatchGathererOptions<Context>) {}

  /** Resolves to whether the batch that took the line is committed. */
  add(key: string, context: Context, line: string): Promise<boolean> {
    const { maxBatchEvents, maxBatchBytes } = this.options;
    let batch = this.open.get(key);
    // Characters stand in for bytes: the bound is a target, not a promise, and
    // counting bytes would read every line once more.
    if (batch && batch.bytes + line.length > maxBatchBytes) {
      this.send(key, batch);
      batch = undefined;
    }
    batch ??= this.openBatch(key, context);
    batch.lines.push(line);
    batch.bytes += line.length + 1;
    if (batch.lines.length >= maxBatchEvents || batch.bytes >= maxBatchBytes) {
      this.send(key, batch);
    }
    return batch.committed;
  }

  /** Sends what is open and waits until nothing is on its way. */
  async flush(): Promise<void> {
    const unsettled = [...this.open].map(([key, batch]) => {
      this.send(key, batch);
      return batch.committed;
    });
    await Promise.all([...unsettled, ...this.sending]);
  }

  private openBatch(key: string, context: Context): OpenBatch<Context> {
    this.options.onOpen?.(context);
    let resolve: OpenBatch<Context>['resolve'] = () => {};
    const committed = new Promise<boolean>(settle => {
      resolve = settle;
    });
    const batch: OpenBatch<Context> = {
      context,
      lines: [],
      bytes: 0,
      committed,
      resolve,
      cancelTimer: () => {},
    };
    batch.cancelTimer = this.options.clock.schedule(
      () => this.send(key, batch),
      this.onTheirWay.has(key) ? this.options.gatherMs : 0,
    );
    this.open.set(key, batch);
    return batch;
  }

  private send(key: string, batch: OpenBatch<Context>): void {
    batch.cancelTimer();
    this.open.delete(key);
    this.onTheirWay.set(key, (this.onTheirWay.get(key) ?? 0) + 1);
    const sent = this.options.publish(batch.context, batch.lines);
    this.sending.add(sent);
    batch.resolve(sent);
    const finish = () => {
      this.sending.delete(sent);
      const left = (this.onTheirWay.get(key) ?? 1) - 1;
      if (left > 0) {
        this.onTheirWay.set(key, left);
      } else {
        this.onTheirWay.delete(key);
        const next = this.open.get(key);
        if (next) {
          this.send(key, next);
        }
      }
    };
    sent.then(finish, finish);
  }
}
