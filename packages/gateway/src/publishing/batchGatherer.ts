import { Clock } from '../clock';
import { LineBuffer, LineSource } from './lineBuffer';

/** A batch, as seen by those whose events it took. */
export interface Batch {
  /** Resolves when it is settled, to whether the broker has committed it. */
  readonly committed: Promise<boolean>;
  /** The same, once it is settled. */
  readonly isCommitted: boolean | undefined;
}

/** @see BatchGatherer */
export interface BatchGathererOptions {
  clock: Clock;
  gatherMs: number;
  maxBatchEvents: number;
  maxBatchBytes: number;
  /** Of batches that are open or on their way. */
  maxPendingBytes: number;
  /** Called when a batch is opened, before its first line is in it. */
  onOpen?: () => void;
  /**
   * Publishes a full or due batch; tells whether it is committed. The lines are
   * released when it resolves.
   */
  publish: (lines: LineBuffer) => Promise<boolean>;
}

class OpenBatch implements Batch {
  readonly lines = new LineBuffer();
  readonly committed: Promise<boolean>;
  isCommitted: boolean | undefined;
  cancelTimer = () => {};
  private resolve: (isCommitted: boolean) => void = () => {};

  constructor() {
    this.committed = new Promise<boolean>(resolve => {
      this.resolve = resolve;
    });
  }

  settle(isCommitted: boolean): void {
    this.isCommitted = isCommitted;
    this.resolve(isCommitted);
  }
}

/**
 * Gathers the lines of concurrent requests into batches of one kind: a group
 * commit. What the broker costs is paid per message, so events that arrive
 * together should travel together.
 *
 * While nothing is on its way, a batch leaves as soon as the requests at hand
 * have been read. Otherwise it gathers until what is on its way has arrived,
 * but no longer than `gatherMs`. So a lone sender does not wait, and the slower
 * the broker, the larger its messages become.
 *
 * Guarantee: what is held in memory is bounded by `maxPendingBytes` and one
 * line; a full gatherer takes no line until some batch is settled.
 */
export class BatchGatherer {
  private open: OpenBatch | undefined;
  private onTheirWay = 0;
  private pendingBytes = 0;
  private readonly sending = new Set<Promise<void>>();

  constructor(private readonly options: BatchGathererOptions) {}

  /** Whether nothing is open or on its way. */
  get isIdle(): boolean {
    return this.open === undefined && this.onTheirWay === 0;
  }

  /** The batch that took the line; `undefined` when there is no room. */
  add(prefix: Buffer, source: LineSource): Batch | undefined {
    const { maxBatchEvents, maxBatchBytes, maxPendingBytes } = this.options;
    const size = prefix.length + (source.end - source.start);
    if (this.pendingBytes >= maxPendingBytes) {
      return undefined;
    }
    if (this.open && this.open.lines.byteLength + size > maxBatchBytes) {
      this.send(this.open);
    }
    const batch = this.open ?? this.openBatch();
    batch.lines.add(prefix, source);
    this.pendingBytes += size;
    if (
      batch.lines.lines >= maxBatchEvents ||
      batch.lines.byteLength >= maxBatchBytes
    ) {
      this.send(batch);
    }
    return batch;
  }

  /** Sends what is open and waits until nothing is on its way. */
  async flush(): Promise<void> {
    while (!this.isIdle) {
      if (this.open) {
        this.send(this.open);
      }
      await Promise.all(this.sending);
    }
  }

  private openBatch(): OpenBatch {
    this.options.onOpen?.();
    const batch = new OpenBatch();
    batch.cancelTimer = this.options.clock.schedule(
      () => this.send(batch),
      this.onTheirWay > 0 ? this.options.gatherMs : 0,
    );
    this.open = batch;
    return batch;
  }

  private send(batch: OpenBatch): void {
    batch.cancelTimer();
    if (this.open === batch) {
      this.open = undefined;
    }
    this.onTheirWay += 1;
    const sent = this.publish(batch).then(() => {
      this.sending.delete(sent);
    });
    this.sending.add(sent);
  }

  private async publish(batch: OpenBatch): Promise<void> {
    const { byteLength } = batch.lines;
    let isCommitted = false;
    try {
      isCommitted = await this.options.publish(batch.lines);
    } finally {
      batch.lines.release();
      this.pendingBytes -= byteLength;
      this.onTheirWay -= 1;
      batch.settle(isCommitted);
      if (this.onTheirWay === 0 && this.open) {
        this.send(this.open);
      }
    }
  }
}
