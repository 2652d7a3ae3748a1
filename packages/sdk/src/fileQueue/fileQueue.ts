import { ProducerError } from '../errors';
import {
  AppendListener,
  EncodedEvent,
  EventQueue,
  Life,
  QueuedEvent,
  QueueListener,
} from '../queue';
import { Clock, Drop } from '../types';
import { DirectoryLock, lockDirectory } from './directoryLock';
import { Disk } from './disk';
import { ProcessProbe } from './processProbe';
import { storedProducerName } from './producerName';
import { ReadAhead } from './readAhead';
import { HEADER_BYTES } from './records';
import { lossOf, recoverSegments } from './recoverSegments';
import { SegmentLog } from './segmentLog';
import { positionOf, Segment } from './segments';

/*
 * How the file queue works
 *
 * Events wait until the commit before theirs is done, then all of them are one
 * commit of the log, and those who gave them learn it. From the log they come
 * out in order. In memory are the events handed out, at most one segment more,
 * and a few numbers per segment: an outage fills the disk up to its bound, not
 * the memory.
 *
 * When the disk fails twice in a row the callers are refused, and nothing is
 * tried for `DISK_RETRY_MS`. It works again by itself.
 */

/** How long a disk that failed is left alone. */
const DISK_RETRY_MS = 1_000;
const MAX_SEGMENT_BYTES = 8 * 1024 * 1024;
const MAX_COMMIT_BYTES = 1024 * 1024;
/** Room for producer, epoch and sequence, and for a report. */
const ORIGIN_BYTES = 512;
const REPORT_BYTES = 2_048;

export interface FileQueueOptions {
  directory: string;
  /** Bytes on disk. */
  maxBytes: number;
  /** Bytes of JSON that may wait for the disk. */
  maxPendingBytes: number;
  whenFull: 'refuse' | 'drop_oldest';
  /** Name of the installation. Default: the one stored in the directory. */
  producer: string | undefined;
  lockWaitMs: number;
  disk: Disk;
  probe: ProcessProbe;
  clock: Clock;
  /** A clock whose timers do not keep the process running. */
  backgroundClock: Clock;
  /** Greatest sequence number of an epoch. For tests. */
  maxSequence?: number;
  /** A segment that has grown to it is followed by another. For tests. */
  maxSegmentBytes?: number;
}

/** An event on its way to the disk. */
interface Pending {
  event: EncodedEvent;
  /** At most so many on disk. */
  bytes: number;
  listener: AppendListener;
}

/** What there is while the directory is open. */
interface OpenQueue {
  lock: DirectoryLock;
  log: SegmentLog;
  reader: ReadAhead;
}

/** Events in files that survive the process, the machine and most of the disk. */
export class FileQueue implements EventQueue {
  readonly isDurable = true;

  private readonly life: Life;
  private readonly segmentBytes: number;
  private opening: Promise<OpenQueue> | undefined;
  private opened: OpenQueue | undefined;
  private isClosed = false;
  /** Without a fate. */
  private events = 0;
  private pending: Pending[] = [];
  private pendingBytes = 0;
  /** Reports of drops that go with the next commit. */
  private owedReports: Pending[] = [];
  private working: Promise<void> | undefined;
  private failedUntil = -Infinity;
  private lastFailure: ProducerError | undefined;
  private cancelRetry: () => void = () => {};

  constructor(
    private readonly options: FileQueueOptions,
    private readonly listener: QueueListener,
  ) {
    this.life = new Life(options.producer ?? '', options.maxSequence);
    this.segmentBytes = Math.min(
      options.maxSegmentBytes ?? MAX_SEGMENT_BYTES,
      Math.ceil(options.maxBytes / 8),
    );
  }

  get producer(): string {
    return this.life.producer;
  }

  get epoch(): string {
    return this.life.epoch;
  }

  get lastPosition(): number {
    return this.opened?.log.lastPosition ?? 0;
  }

  async open(): Promise<void> {
    await this.openOnce();
  }

  append(event: EncodedEvent, listener: AppendListener): void {
    const { maxBytes, maxPendingBytes } = this.options;
    const bytes = Buffer.byteLength(event.head) + HEADER_BYTES + ORIGIN_BYTES;
    const problem =
      (bytes > maxBytes / 4 &&
        'The event is larger than a quarter of the queue') ||
      (this.pendingBytes + bytes > maxPendingBytes &&
        'More events wait for the disk than may be in memory');
    if (problem) {
      listener.failed(new ProducerError('buffer_full', problem));
      return;
    }
    this.pending.push({ event, bytes, listener });
    this.pendingBytes += bytes;
    this.work();
  }

  next(): QueuedEvent | undefined {
    return this.opened?.reader.next();
  }

  settle(events: readonly QueuedEvent[]): void {
    const { log, reader } = this.opened ?? {};
    for (const event of events) {
      if (log && reader?.settle(event)) {
        const { epoch, sequence, bytes, position, isEvicted } = event;
        log.settle(epoch, sequence, sequence);
        this.events -= 1;
        const segment = isEvicted ? undefined : log.segmentAt(position);
        if (segment) {
          segment.unsettledBytes -= bytes;
        }
      }
    }
    this.work();
  }

  abandon(events: readonly QueuedEvent[]): void {
    for (const event of events) {
      // Its segment was marked as settled when it was given up.
      if (this.opened?.reader.settle(event)) {
        const { epoch, sequence, bytes, position } = event;
        this.tellDrop(dropOf(epoch, [sequence], bytes), [position]);
      }
    }
  }

  firstUnread(): number {
    return this.opened?.reader.firstUnread() ?? Infinity;
  }

  size() {
    const bytes = this.opened?.log.unsettledBytes ?? 0;
    return { events: this.events, bytes };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.cancelRetry();
    await this.opening?.catch(() => {});
    await this.working;
    this.refusePending(
      new ProducerError('closed', 'The producer was closed meanwhile'),
    );
    if (this.opened) {
      const { reader, log, lock } = this.opened;
      await reader.close();
      try {
        await log.finish(this.events === 0);
      } finally {
        await lock.release();
      }
    }
  }

  private openOnce(): Promise<OpenQueue> {
    this.opening ??= this.openDirectory().catch(error => {
      this.opening = undefined;
      const failure = this.fail(error);
      this.scheduleRetry();
      throw failure;
    });
    return this.opening;
  }

  private async openDirectory(): Promise<OpenQueue> {
    const { directory, disk, probe, clock, backgroundClock } = this.options;
    this.cancelRetry();
    await disk.makeDirectory(directory);
    const lock = await lockDirectory({
      directory,
      disk,
      probe,
      clock: backgroundClock,
      waitMs: this.options.lockWaitMs,
    });
    try {
      const { life, segmentBytes } = this;
      life.producer ||= await storedProducerName(disk, directory);
      const recovered = await recoverSegments(disk, directory);
      const log = new SegmentLog(
        { directory, disk, lock, life, segmentBytes },
        recovered,
      );
      const reader = new ReadAhead({
        log,
        disk,
        clock,
        maxBytes: segmentBytes,
        onReady: () => this.listener.onReady(),
        onLost: (segment, sequences) => this.lose(log, segment, sequences),
        onUnreadable: error =>
          this.listener.onProblem(asProducerError(error), 0),
      });
      this.opened = { lock, log, reader };
      this.events = recovered.events;
      this.listener.onRecovered(recovered.events);
      recovered.losses.forEach(({ drop, positions }) => {
        this.tellDrop(drop, positions);
        this.owe(drop);
      });
      reader.readMore();
      this.work();
      return this.opened;
    } catch (error) {
      await lock.release().catch(() => {});
      throw error;
    }
  }

  /** Makes sure that somebody works off what waits. */
  private work(): void {
    this.working ??= this.workOff()
      .catch(error => {
        // Nothing in there may throw; were it to, nobody must wait for ever.
        this.refusePending(this.fail(error));
      })
      .finally(() => {
        this.working = undefined;
        if (this.pending.length > 0 && !this.isClosed) {
          this.work();
        }
      });
  }

  private async workOff(): Promise<void> {
    // Everything given in the same moment goes into one commit.
    await Promise.resolve();
    const opened = this.opened ?? (await this.reopen());
    if (!opened) {
      this.refusePending(this.lastFailure);
      return;
    }
    const { log } = opened;
    await log.removeSettled();
    while (this.pending.length > 0 || this.hasToWrite(log)) {
      if (log.isLost || this.options.clock.now() < this.failedUntil) {
        this.refusePending(this.lastFailure);
        this.scheduleRetry();
        return;
      }
      await this.commit(opened, this.nextGroup(log));
      await log.removeSettled();
    }
  }

  private hasToWrite(log: SegmentLog): boolean {
    return log.hasUnsaved || this.owedReports.length > 0;
  }

  private async commit(
    { log, reader }: OpenQueue,
    group: readonly Pending[],
  ): Promise<void> {
    try {
      const written = await log.commit(group.map(({ event }) => event));
      this.events += written.length;
      written.forEach((event, index) => {
        group[index].listener.taken({ ...event, isDurable: true });
        reader.offer(event);
      });
      if (written.length > 0) {
        this.listener.onReady();
      }
    } catch (error) {
      const failure = this.fail(error);
      group.forEach(({ listener }) => listener.failed(failure));
    }
  }

  private async reopen(): Promise<OpenQueue | undefined> {
    const isTooEarly =
      !this.opening && this.options.clock.now() < this.failedUntil;
    return this.isClosed || isTooEarly
      ? undefined
      : this.openOnce().catch(() => undefined);
  }

  /** What was found or settled while the disk failed is not forgotten. */
  private scheduleRetry(): void {
    const { backgroundClock } = this.options;
    this.cancelRetry();
    if (!this.isClosed && !this.opened?.log.isLost) {
      const delayMs = Math.max(0, this.failedUntil - backgroundClock.now());
      this.cancelRetry = backgroundClock.schedule(() => this.work(), delayMs);
    }
  }

  private refusePending(error: ProducerError | undefined): void {
    const refused = this.pending;
    this.pending = [];
    this.pendingBytes = 0;
    const reason =
      error ?? new ProducerError('queue_unavailable', 'The queue is not open');
    refused.forEach(({ listener }) => listener.failed(reason));
  }

  /** The events of the next commit, with room made for them. */
  private nextGroup(log: SegmentLog): Pending[] {
    // Every drop may need a number for its report.
    const reserve = log.segments.length + this.owedReports.length + 1;
    if (this.life.left <= reserve) {
      log.startEpoch();
    }
    const group = this.takePending(Math.max(1, this.life.left - reserve));
    if (this.options.whenFull === 'refuse') {
      this.refuseWhatIsTooMuch(log, group);
    } else {
      this.makeRoom(log, group);
    }
    const reports = this.owedReports;
    this.owedReports = [];
    return [...group, ...reports];
  }

  private takePending(maxEvents: number): Pending[] {
    const limit = Math.min(MAX_COMMIT_BYTES, this.segmentBytes);
    let count = 0;
    let bytes = 0;
    for (const each of this.pending) {
      if (count >= maxEvents || (count > 0 && bytes + each.bytes > limit)) {
        break;
      }
      count += 1;
      bytes += each.bytes;
    }
    this.pendingBytes -= bytes;
    return this.pending.splice(0, count);
  }

  private refuseWhatIsTooMuch(log: SegmentLog, group: Pending[]): void {
    const used = log.usedBytes;
    let need = sumBytes(group);
    while (group.length > 0 && used + need > this.options.maxBytes) {
      const refused = group.pop()!;
      need -= refused.bytes;
      refused.listener.failed(
        new ProducerError(
          'buffer_full',
          `The queue is full: ${this.events} events (${used} bytes) wait for a verdict`,
        ),
      );
    }
  }

  /**
   * Gives up the events of the oldest segments. That is decided here and now:
   * the next commit writes that they have a fate, together with the report, and
   * then the files go. Until then a little more than the bound is in use, and a
   * crash brings the events back.
   */
  private makeRoom(log: SegmentLog, group: readonly Pending[]): void {
    let free = this.options.maxBytes - log.usedBytes;
    let need = sumBytes(group);
    for (const segment of log.segments) {
      if (group.length === 0 || free >= need) {
        break;
      }
      if (!log.isActive(segment)) {
        free += segment.bytes;
        need += this.giveUp(log, segment);
      }
    }
  }

  /**
   * Gives up the events of a segment that are not under way.
   *
   * @returns room the report takes
   */
  private giveUp(log: SegmentLog, segment: Segment): number {
    const { firstSequence, lastSequence, epoch } = segment;
    const sequences: number[] = [];
    let bytes = segment.unsettledBytes;
    for (let sequence = firstSequence; sequence <= lastSequence; sequence++) {
      const event = this.opened?.reader.get(positionOf(segment, sequence));
      if (event?.isUnderWay) {
        event.isEvicted = true;
        bytes -= event.bytes;
      } else if (!log.isSettled(epoch, sequence)) {
        sequences.push(sequence);
      }
    }
    log.settle(epoch, firstSequence, lastSequence);
    segment.unsettledBytes = 0;
    if (sequences.length === 0) {
      return 0;
    }
    const positions = sequences.map(each => positionOf(segment, each));
    this.opened?.reader.forget(positions);
    const drop = dropOf(epoch, sequences, bytes);
    this.tellDrop(drop, positions);
    return this.owe(drop);
  }

  /** The disk did not give these events back. */
  private lose(log: SegmentLog, segment: Segment, sequences: number[]): void {
    sequences.forEach(each => log.settle(segment.epoch, each, each));
    const { drop, positions } = lossOf(segment, sequences);
    this.tellDrop(drop, positions);
    this.owe(drop);
    this.work();
  }

  private tellDrop(drop: Drop, positions: readonly number[]): void {
    this.events -= drop.events;
    this.listener.onDrop(drop, positions);
  }

  /** @returns room the report of a drop takes */
  private owe(drop: Drop): number {
    const event = this.listener.report(drop);
    if (!event) {
      return 0;
    }
    const report: Pending = {
      event,
      bytes: REPORT_BYTES,
      listener: {
        taken: () => this.listener.onReportTaken(),
        failed: () => this.owedReports.push(report),
      },
    };
    this.owedReports.push(report);
    return REPORT_BYTES;
  }

  /** Notes that the disk does not work now. */
  private fail(error: unknown): ProducerError {
    const failure = asProducerError(error);
    this.failedUntil = this.options.clock.now() + DISK_RETRY_MS;
    this.lastFailure = failure;
    this.listener.onProblem(failure, DISK_RETRY_MS);
    return failure;
  }
}

function dropOf(epoch: string, sequences: number[], bytes: number): Drop {
  return {
    reason: 'queue_full',
    events: sequences.length,
    bytes,
    epoch,
    firstSequence: sequences[0],
    lastSequence: sequences[sequences.length - 1],
  };
}

function sumBytes(group: readonly Pending[]): number {
  return group.reduce((sum, { bytes }) => sum + bytes, 0);
}

function asProducerError(error: unknown): ProducerError {
  return error instanceof ProducerError
    ? error
    : new ProducerError(
        'queue_unavailable',
        `The disk does not take events: ${String(error)}`,
        { cause: error },
      );
}
