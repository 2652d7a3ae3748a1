import { addToSum, batchHash } from '@millrace/ledger';
import { Bucket, bucketEnd, bucketOf } from '@millrace/schema';
import { Clock } from '../clock';

/** What the gateway tells the ledger about a bucket it will not add to. */
export interface Declaration {
  bucket: Bucket;
  counts: {
    eventType: string;
    lastBatch: number;
    abandonedBatches: number[];
    /** Events of the batches the broker has confirmed. */
    events: number;
    /** Multiset hash of those batches; see ADR 0025. */
    batchesSum: bigint;
  }[];
}

interface Page {
  bucket: Bucket;
  /** Batches that are open or on their way. */
  held: number;
  counts: Map<string, Declaration['counts'][0]>;
}

/**
 * The gateway's own books: which batches it made in which bucket.
 *
 * Guarantees: batches are numbered from 1 without gaps per event type and
 * bucket; every bucket since the start of the gateway is declared exactly once,
 * also one without events; a bucket is handed out for declaration only when its
 * end has passed and none of its batches is unsettled, so the declaration is
 * final. A bucket that cannot settle holds back no other.
 */
export class BucketBook {
  private current: Page | undefined;
  private bucketSeconds: number | undefined;
  /** Ended, but not handed out yet. */
  private ended: Page[] = [];
  private isClosed = false;

  constructor(
    private readonly receiveClock: Clock,
    private readonly startedAt: Date,
  ) {}

  /**
   * Sets the length of buckets. A new length takes effect where a bucket of the
   * old and one of the new length begin together: buckets never overlap, and
   * no two begin at the same instant.
   */
  setBucketSeconds(seconds: number): void {
    this.bucketSeconds = seconds;
    this.current ??= createPage(bucketOf(this.startedAt, seconds));
  }

  /** The receive time of events that arrive now, and the bucket they go into. */
  stamp(): { receivedAt: Date; bucket: Bucket } {
    const now = this.receiveClock.now();
    this.advance(now);
    if (!this.current || this.isClosed) {
      throw new Error('The bucket book is not open');
    }
    return { receivedAt: new Date(now), bucket: this.current.bucket };
  }

  /** Keeps a bucket from being declared, until `settle` is called. */
  hold(bucket: Bucket): void {
    this.pageOf(bucket).held += 1;
  }

  /** Number of the next batch of an event type in a held bucket. */
  nextBatch(bucket: Bucket, eventType: string): number {
    const { counts } = this.pageOf(bucket);
    let count = counts.get(eventType);
    if (!count) {
      count = {
        eventType,
        lastBatch: 0,
        abandonedBatches: [],
        events: 0,
        batchesSum: 0n,
      };
      counts.set(eventType, count);
    }
    count.lastBatch += 1;
    return count.lastBatch;
  }

  /** Ends a hold: the batch is confirmed, or its outcome will stay unknown. */
  settle(
    bucket: Bucket,
    batch: {
      eventType: string;
      batch: number;
      events: number;
      /** CRC-32 of its body. */
      crc: number;
      isConfirmed: boolean;
    },
  ): void {
    const page = this.pageOf(bucket);
    page.held -= 1;
    const count = page.counts.get(batch.eventType);
    if (!count) {
      throw new Error('A batch was settled that was never numbered');
    }
    if (batch.isConfirmed) {
      count.events += batch.events;
      count.batchesSum = addToSum(
        count.batchesSum,
        batchHash(batch.batch, batch.crc),
      );
    } else {
      count.abandonedBatches.push(batch.batch);
    }
  }

  /** The buckets that became final since the last call, oldest first. */
  takeDeclarations(): Declaration[] {
    this.advance(this.receiveClock.now());
    const final = this.ended.filter(page => page.held === 0);
    this.ended = this.ended.filter(page => page.held > 0);
    return final.map(({ bucket, counts }) => ({
      bucket,
      counts: [...counts.values()],
    }));
  }

  /** Nothing will be stamped any more: the bucket under way ends now. */
  close(): void {
    this.advance(this.receiveClock.now());
    this.isClosed = true;
    if (this.current) {
      this.ended.push(this.current);
      this.current = undefined;
    }
  }

  private advance(now: number): void {
    while (this.current && bucketEnd(this.current.bucket).getTime() <= now) {
      this.ended.push(this.current);
      this.current = createPage(this.bucketAfter(this.current.bucket));
    }
  }

  private bucketAfter(bucket: Bucket): Bucket {
    const start = bucketEnd(bucket);
    const next = bucketOf(start, this.bucketSeconds ?? bucket.seconds);
    return next.start.getTime() === start.getTime()
      ? next
      : bucketOf(start, bucket.seconds);
  }

  private pageOf(bucket: Bucket): Page {
    const start = bucket.start.getTime();
    const page = [...this.ended, this.current].find(
      each => each?.bucket.start.getTime() === start,
    );
    if (!page) {
      throw new Error('A bucket was used after it had been declared');
    }
    return page;
  }
}

function createPage(bucket: Bucket): Page {
  return { bucket, held: 0, counts: new Map() };
}
