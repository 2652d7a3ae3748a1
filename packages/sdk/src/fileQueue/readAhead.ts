import { QueuedEvent } from '../queue';
import { Clock } from '../types';
import { Disk } from './disk';
import { RangeSet } from './rangeSet';
import { RecordKind, scanRecords } from './records';
import { missing } from './recoverSegments';
import { SegmentLog, WrittenEvent } from './segmentLog';
import { positionOf, Segment } from './segments';

export interface ReadAheadOptions {
  log: SegmentLog;
  disk: Disk;
  clock: Clock;
  /** Events beyond it stay on disk until there is room. */
  maxBytes: number;
  /** There is something to hand out, or nothing left to read. */
  onReady: () => void;
  /** The disk did not give these back. */
  onLost: (segment: Segment, sequences: number[]) => void;
  onUnreadable: (error: unknown) => void;
}

/**
 * The end of the queue where events come out, in order.
 *
 * Events that were just written go straight from memory to memory while nobody
 * is behind. Otherwise they stay on disk and are read a segment at a time, when
 * everything before them has been handed out.
 */
export class ReadAhead {
  /** Handed out or ready, not settled; by position. */
  private readonly events = new Map<number, QueuedEvent>();
  private ready: QueuedEvent[] = [];
  private nextReady = 0;
  private readyBytes = 0;
  /** The last event that is not on disk alone. */
  private readPosition = 0;
  private reading: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly options: ReadAheadOptions) {}

  next(): QueuedEvent | undefined {
    const event = this.ready.at(this.nextReady);
    if (event) {
      this.nextReady += 1;
      this.readyBytes -= event.bytes;
    }
    if (this.nextReady === this.ready.length) {
      this.ready = [];
      this.nextReady = 0;
      this.readMore();
    }
    return event;
  }

  /** Position of the oldest event that was not handed out. */
  firstUnread(): number {
    const ready = this.ready.at(this.nextReady);
    if (ready) {
      return ready.position;
    }
    return this.readPosition < this.options.log.lastPosition
      ? this.readPosition + 1
      : Infinity;
  }

  get(position: number): QueuedEvent | undefined {
    return this.events.get(position);
  }

  /** @returns whether it was still there */
  settle(event: QueuedEvent): boolean {
    return this.events.delete(event.position);
  }

  /** These are not to be handed out any more. */
  forget(positions: readonly number[]): void {
    const gone = new Set(positions);
    positions.forEach(position => this.events.delete(position));
    this.ready = this.ready
      .slice(this.nextReady)
      .filter(({ position }) => !gone.has(position));
    this.nextReady = 0;
    this.readyBytes = this.ready.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** An event was written; events come here in order, each once. */
  offer(event: WrittenEvent): void {
    const isNobodyBehind = this.readPosition === event.position - 1;
    if (isNobodyBehind && this.readyBytes < this.options.maxBytes) {
      this.readPosition = event.position;
      this.makeReady(event, this.options.clock.now());
    }
  }

  /** Reads the next segment, when everything in memory was handed out. */
  readMore(): void {
    const isNeeded =
      !this.isClosed &&
      this.readPosition < this.options.log.lastPosition &&
      this.nextReady === this.ready.length;
    if (!isNeeded || this.reading) {
      return;
    }
    this.reading = this.readSegment().finally(() => {
      this.reading = undefined;
      this.options.onReady();
      this.readMore();
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.reading;
  }

  private async readSegment(): Promise<void> {
    const { log, disk } = this.options;
    const segment = log.segments.find(
      each => positionOf(each, each.lastSequence) > this.readPosition,
    );
    if (!segment) {
      this.readPosition = log.lastPosition;
      return;
    }
    // It may grow meanwhile; what comes later is read later.
    const { lastSequence, bytes: limit } = segment;
    let bytes: Buffer | undefined;
    try {
      bytes = await disk.readFile(segment.path);
    } catch (error) {
      if (log.has(segment)) {
        // It stays, and the next life tries again.
        this.options.onUnreadable(error);
      }
    }
    if (bytes && log.has(segment)) {
      this.takeIn(segment, lastSequence, bytes.subarray(0, limit));
    }
    const lastRead = positionOf(segment, lastSequence);
    this.readPosition = Math.max(this.readPosition, lastRead);
  }

  private takeIn(segment: Segment, lastSequence: number, bytes: Buffer): void {
    const { log, onLost } = this.options;
    const { epoch, number } = segment;
    const isDue = (sequence: number) =>
      positionOf(segment, sequence) > this.readPosition &&
      !log.isSettled(epoch, sequence);
    const present = new RangeSet();
    for (const finding of scanRecords(bytes, number)) {
      if (finding.found !== 'record' || finding.kind !== RecordKind.event) {
        continue;
      }
      const { sequence, payload } = finding;
      present.add(sequence);
      if (isDue(sequence)) {
        const json = payload.toString();
        const event = {
          id: String(JSON.parse(json).id),
          epoch,
          sequence,
          position: positionOf(segment, sequence),
          json,
          bytes: payload.length,
        };
        // It has waited long enough.
        this.makeReady(event, -Infinity);
      }
    }
    const range = { ...segment, lastSequence };
    const lost = missing(range, sequence => present.has(sequence)).filter(
      isDue,
    );
    if (lost.length > 0) {
      onLost(segment, lost);
    }
  }

  private makeReady(event: WrittenEvent, queuedAt: number): void {
    const queued = { ...event, queuedAt, isUnderWay: false, isEvicted: false };
    this.events.set(event.position, queued);
    this.ready.push(queued);
    this.readyBytes += event.bytes;
  }
}
