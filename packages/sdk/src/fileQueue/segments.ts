import { join } from 'node:path';
import { RangeSet } from './rangeSet';

/** A file of the queue, as far as it counts. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  readonly epoch: string;
  readonly firstSequence: number;
  /** Of its last confirmed event; before the first one without any. */
  lastSequence: number;
  /** Position of the event `firstSequence` in the queue. */
  readonly firstPosition: number;
  /** Confirmed bytes of the file. */
  bytes: number;
  /** Bytes of JSON of the events that are not settled. */
  unsettledBytes: number;
}

/** Which events of which epoch need not be sent again. */
export type Settled = Map<string, RangeSet>;

const SEGMENT_NAME = /^segment-(\d{10,16})\.log$/;

export function segmentPath(directory: string, number: number): string {
  return join(directory, `segment-${String(number).padStart(10, '0')}.log`);
}

/** Numbers of the segments in a directory, smallest first. */
export function segmentNumbers(names: readonly string[]): number[] {
  return names
    .map(name => Number(SEGMENT_NAME.exec(name)?.[1]))
    .filter(number => Number.isSafeInteger(number))
    .sort((a, b) => a - b);
}

/** Ranges of an epoch, made if need be. */
export function settledOf(settled: Settled, epoch: string): RangeSet {
  const known = settled.get(epoch);
  if (known) {
    return known;
  }
  const ranges = new RangeSet();
  settled.set(epoch, ranges);
  return ranges;
}

/** How many events of a segment have no fate yet. */
export function countUnsettled(segment: Segment, settled: Settled): number {
  const { epoch, firstSequence, lastSequence } = segment;
  const done =
    settled.get(epoch)?.countWithin(firstSequence, lastSequence) ?? 0;
  return lastSequence - firstSequence + 1 - done;
}

export function positionOf(segment: Segment, sequence: number): number {
  return segment.firstPosition + sequence - segment.firstSequence;
}
