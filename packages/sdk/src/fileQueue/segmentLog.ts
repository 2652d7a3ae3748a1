import { ProducerError } from '../errors';
import { EncodedEvent, Life } from '../queue';
import { DirectoryLock } from './directoryLock';
import { Disk, DiskFile } from './disk';
import {
  encodeRecords,
  RecordInput,
  RecordKind,
  SegmentHeader,
} from './records';
import { RecoveredQueue } from './recoverSegments';
import {
  countUnsettled,
  positionOf,
  Segment,
  segmentPath,
  Settled,
  settledOf,
} from './segments';

/*
 * How the log works
 *
 * Everything is appended to segments, numbered files that are written once from
 * start to end by one life: events, and the ranges of sequence numbers that are
 * settled. A commit writes, calls fdatasync, asks whether the directory is still
 * ours, and only then counts. Each segment begins with all that is known about
 * the ones before it, so any of them can go as soon as its events have a fate,
 * after a sync of that knowledge.
 *
 * A write or sync that fails ends the use of that file for good: after a failed
 * fsync the kernel may report success for data it has dropped. What did not
 * count is written again to a new segment, once. Removing settled segments never
 * waits for a full disk: a segment that comes back because its removal was not
 * recorded is sent twice with the same ids, and lost never.
 */

/** Reaching it takes longer than anything. */
const MAX_SEGMENT_NUMBER = 2 ** 48 - 1;

/** An event that is durable. */
export interface WrittenEvent {
  id: string;
  epoch: string;
  sequence: number;
  position: number;
  json: string;
  bytes: number;
}

export interface SegmentLogOptions {
  directory: string;
  disk: Disk;
  lock: DirectoryLock;
  life: Life;
  /** A segment that has grown to it is followed by another. */
  segmentBytes: number;
}

/** The segment that is written to. */
interface ActiveSegment {
  segment: Segment;
  file: DiskFile;
  records: number;
  /** Its name is not durable yet. */
  isNew: boolean;
}

/** The files of the queue. One commit is under way at a time. */
export class SegmentLog {
  lastPosition: number;
  /** Another process has taken the directory over. */
  isLost = false;

  private list: Segment[];
  private readonly settled: Settled;
  /** Settled since the last record that says so. */
  private unsaved: Settled = new Map();
  private active: ActiveSegment | undefined;
  private hasUnsynced = false;
  private lastNumber: number;

  constructor(
    private readonly options: SegmentLogOptions,
    recovered: RecoveredQueue,
  ) {
    this.list = recovered.segments;
    this.settled = recovered.settled;
    this.lastNumber = recovered.lastNumber;
    this.lastPosition = recovered.lastPosition;
  }

  /** Oldest first. */
  get segments(): readonly Segment[] {
    return this.list;
  }

  get usedBytes(): number {
    return this.list.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get unsettledBytes(): number {
    return this.list.reduce((sum, segment) => sum + segment.unsettledBytes, 0);
  }

  /** Whether something is settled that no record says. */
  get hasUnsaved(): boolean {
    return this.unsaved.size > 0;
  }

  isActive(segment: Segment): boolean {
    return segment === this.active?.segment;
  }

  has(segment: Segment): boolean {
    return this.list.includes(segment);
  }

  isSettled(epoch: string, sequence: number): boolean {
    return this.settled.get(epoch)?.has(sequence) ?? false;
  }

  segmentAt(position: number): Segment | undefined {
    return this.list.find(
      segment =>
        segment.firstPosition <= position &&
        position <= positionOf(segment, segment.lastSequence),
    );
  }

  /** These need not be sent again; the next commit writes it down. */
  settle(epoch: string, first: number, last: number): void {
    settledOf(this.settled, epoch).addRange(first, last);
    settledOf(this.unsaved, epoch).addRange(first, last);
  }

  /** Begins another epoch; a segment has events of one only. */
  startEpoch(): void {
    this.options.life.startEpoch();
    this.retireActive();
  }

  /**
   * Writes events, and what is settled. Without events there is no sync.
   *
   * @throws the error of the disk if it did not work twice, or ProducerError
   * `queue_locked`
   */
  async commit(events: readonly EncodedEvent[]): Promise<WrittenEvent[]> {
    try {
      return await this.write(events);
    } catch (error) {
      await this.abandonActive();
      if (this.isLost) {
        throw error;
      }
    }
    try {
      return await this.write(events);
    } catch (error) {
      await this.abandonActive();
      throw error;
    }
  }

  /** Removes segments whose events all have a fate. */
  async removeSettled(): Promise<void> {
    const done = this.list.filter(
      segment =>
        !this.isActive(segment) && countUnsettled(segment, this.settled) === 0,
    );
    if (done.length === 0 || this.isLost) {
      return;
    }
    if (this.active && this.hasUnsynced) {
      try {
        await this.sync(this.active);
      } catch {
        await this.abandonActive();
      }
    }
    await this.remove(done);
  }

  /** Leaves an empty directory when nothing is left to send. */
  async finish(isEmpty: boolean): Promise<void> {
    if (this.isLost) {
      return;
    }
    if (isEmpty) {
      this.retireActive();
      await this.remove(this.list);
      return;
    }
    if (this.hasUnsaved) {
      // Not saving it means sending again, not losing.
      await this.commit([]).catch(() => {});
    }
    if (this.active) {
      await this.sync(this.active).catch(() => {});
    }
    this.retireActive();
  }

  private async write(
    events: readonly EncodedEvent[],
  ): Promise<WrittenEvent[]> {
    const { life } = this.options;
    if (this.active && this.active.segment.bytes >= this.options.segmentBytes) {
      this.retireActive();
    }
    this.active ??= await this.begin();
    const { active } = this;
    const { segment, file } = active;

    const records: RecordInput[] = [];
    const saving = this.unsaved;
    this.unsaved = new Map();
    if (saving.size > 0) {
      records.push({ kind: RecordKind.settled, payload: toJson(saving) });
    }
    const entries = events.map(({ id, head }, index) => {
      const sequence = life.lastSequence + 1 + index;
      const json = life.finish({ id, head }, sequence);
      records.push({ kind: RecordKind.event, sequence, payload: json });
      return { id, sequence, json };
    });
    const bytes = encodeRecords(segment.number, active.records, records);
    try {
      await file.write(bytes, segment.bytes);
      this.hasUnsynced = true;
      if (entries.length > 0) {
        await this.sync(active);
        await this.makeSureItIsOurs();
      }
    } catch (error) {
      for (const [epoch, { ranges }] of saving) {
        const unsaved = settledOf(this.unsaved, epoch);
        ranges.forEach(([from, to]) => unsaved.addRange(from, to));
      }
      throw error;
    }
    segment.bytes += bytes.length;
    active.records += records.length;
    return entries.map(entry => this.count(segment, entry));
  }

  /** From here on the event is one of the queue, and its number used up. */
  private count(
    segment: Segment,
    entry: { id: string; sequence: number; json: string },
  ): WrittenEvent {
    const bytes = Buffer.byteLength(entry.json);
    this.options.life.lastSequence = entry.sequence;
    segment.lastSequence = entry.sequence;
    segment.unsettledBytes += bytes;
    this.lastPosition += 1;
    const { epoch } = segment;
    return { ...entry, epoch, bytes, position: this.lastPosition };
  }

  /** Between writing and confirming: a former holder confirms nothing. */
  private async makeSureItIsOurs(): Promise<void> {
    if (!(await this.options.lock.isHeld())) {
      this.isLost = true;
      throw new ProducerError(
        'queue_locked',
        'Another process has taken over the directory of the queue',
      );
    }
  }

  /** Begins a segment with all that is known about the earlier ones. */
  private async begin(): Promise<ActiveSegment> {
    const { directory, disk, life } = this.options;
    if (this.lastNumber >= MAX_SEGMENT_NUMBER) {
      throw new ProducerError(
        'queue_unavailable',
        'The numbers of the files in the directory of the queue are used up; use another directory',
      );
    }
    this.lastNumber += 1;
    const number = this.lastNumber;
    const { epoch, producer, lastSequence } = life;
    const header: SegmentHeader = {
      producer,
      epoch,
      firstSequence: lastSequence + 1,
      earlier: this.list.map(segment => ({
        segment: segment.number,
        epoch: segment.epoch,
        bytes: segment.bytes,
        firstSequence: segment.firstSequence,
        lastSequence: segment.lastSequence,
      })),
    };
    const bytes = encodeRecords(number, 0, [
      { kind: RecordKind.header, payload: JSON.stringify(header) },
      { kind: RecordKind.settled, payload: toJson(this.settled) },
    ]);
    const path = segmentPath(directory, number);
    const file = await disk.create(path);
    try {
      await file.write(bytes, 0);
    } catch (error) {
      await file.close().catch(() => {});
      await disk.remove(path).catch(() => {});
      throw error;
    }
    const segment: Segment = {
      number,
      path,
      epoch,
      firstSequence: lastSequence + 1,
      lastSequence,
      firstPosition: this.lastPosition + 1,
      bytes: bytes.length,
      unsettledBytes: 0,
    };
    this.list = [...this.list, segment];
    this.unsaved = new Map();
    return { segment, file, records: 2, isNew: true };
  }

  private async sync(active: ActiveSegment): Promise<void> {
    await active.file.sync();
    if (active.isNew) {
      await this.options.disk.syncDirectory(this.options.directory);
      active.isNew = false;
    }
    this.hasUnsynced = false;
  }

  /** The active segment is whole; the next commit begins another. */
  private retireActive(): void {
    const retired = this.active;
    this.active = undefined;
    retired?.file.close().catch(() => {});
  }

  /**
   * The active file has failed. Nothing of it is used again but what counts;
   * cutting the rest off is a courtesy to the next life.
   */
  private async abandonActive(): Promise<void> {
    const failed = this.active;
    this.active = undefined;
    if (!failed) {
      return;
    }
    const { segment, file } = failed;
    if (this.isLost) {
      // The file is somebody else's now.
      await file.close().catch(() => {});
      return;
    }
    await file.truncate(segment.bytes).catch(() => {});
    await file.close().catch(() => {});
    if (segment.lastSequence < segment.firstSequence) {
      this.list = this.list.filter(each => each !== segment);
      await this.options.disk.remove(segment.path).catch(() => {});
    }
  }

  private async remove(segments: readonly Segment[]): Promise<void> {
    const { disk, directory, life } = this.options;
    this.list = this.list.filter(each => !segments.includes(each));
    const epochs = new Set(this.list.map(({ epoch }) => epoch));
    for (const epoch of this.settled.keys()) {
      if (!epochs.has(epoch) && epoch !== life.epoch) {
        this.settled.delete(epoch);
      }
    }
    // A file that cannot be removed is taken away by the next life.
    for (const { path } of segments) {
      await disk.remove(path).catch(() => {});
    }
    await disk.syncDirectory(directory).catch(() => {});
  }
}

function toJson(settled: Settled): string {
  const ranges = [...settled].map(([epoch, each]) => [epoch, each.ranges]);
  return JSON.stringify(Object.fromEntries(ranges));
}
