import { join } from 'node:path';
import { Drop } from '../types';
import { Disk } from './disk';
import { RangeSet } from './rangeSet';
import {
  Finding,
  RecordKind,
  scanRecords,
  SegmentHeader,
  SegmentSummary,
  SettledPayload,
} from './records';
import {
  positionOf,
  Segment,
  segmentNumbers,
  segmentPath,
  Settled,
  settledOf,
} from './segments';

/** Damaged bytes are kept for whoever wants to look, up to so many files. */
const MAX_SET_ASIDE = 64;

/** What earlier lives left in a directory. */
export interface RecoveredQueue {
  /** Those that count, oldest first. */
  segments: Segment[];
  settled: Settled;
  /** Greatest number any file has had. */
  lastNumber: number;
  /** Position of the last event. */
  lastPosition: number;
  /** Events without a fate, those that are lost among them. */
  events: number;
  /** Events that were there and cannot be read any more; now settled. */
  losses: { drop: Drop; positions: number[] }[];
}

/** One segment, read once from start to end. */
interface SegmentScan {
  number: number;
  header: SegmentHeader | undefined;
  /** Of each event, in order: its number, bytes of JSON, and place. */
  events: { sequence: number; bytes: number; offset: number }[];
  /** Events known to be damaged: their header is intact. */
  damaged: number[];
  /** Whether the last thing in it is damage that tells nothing. */
  endsInTheDark: boolean;
  epoch: string;
  bytes: number;
}

/**
 * Reads a directory and finds out which events still have to be sent.
 *
 * An event is lost, not just absent, when its number lies between those a
 * segment is known to have held and its record cannot be read. Damage never
 * hides the records behind it. Damage at the very end of the newest segment is
 * counted as one event, although it may be one that was never confirmed: a
 * false alarm is better than none.
 */
export async function recoverSegments(
  disk: Disk,
  directory: string,
): Promise<RecoveredQueue> {
  const numbers = segmentNumbers(await disk.list(directory));
  const settled: Settled = new Map();
  const scans: SegmentScan[] = [];
  let newest: SegmentScan | undefined;
  const firstOfNewer = new Map<string, number>();
  const asides: { name: string; bytes: Buffer }[] = [];

  // Newest first: the newest readable header says which older ones count.
  for (const number of numbers.toReversed()) {
    const summary = newest?.header?.earlier.find(
      each => each.segment === number,
    );
    const path = segmentPath(directory, number);
    if (newest && !summary) {
      await disk.remove(path);
      continue;
    }
    const bytes = await disk.readFile(path);
    const findings = scanRecords(bytes, number, summary?.bytes);
    const scan = readSegment(number, findings, settled, finding => {
      if (asides.length < MAX_SET_ASIDE) {
        const { offset, end } = finding;
        const name = `${number}-${offset}-${end}.bin`;
        asides.push({ name, bytes: Buffer.from(bytes.subarray(offset, end)) });
      }
    });
    scan.bytes = Math.min(bytes.length, summary?.bytes ?? bytes.length);
    leaveToNewer(scan, firstOfNewer);
    scans.unshift(scan);
    if (!newest && scan.header) {
      newest = scan;
    }
  }
  await setAside(disk, join(directory, 'damaged'), asides);

  let lastPosition = 0;
  let events = 0;
  const segments: Segment[] = [];
  const losses: RecoveredQueue['losses'] = [];
  for (const scan of scans) {
    const summary = newest?.header?.earlier.find(
      each => each.segment === scan.number,
    );
    const range = rangeOf(scan, summary);
    scan.epoch ||= summary?.epoch ?? '';
    if (range.last < range.first) {
      await disk.remove(segmentPath(directory, scan.number));
      continue;
    }
    const ranges = settledOf(settled, scan.epoch);
    const present = new RangeSet();
    let unsettledBytes = 0;
    for (const { sequence, bytes } of scan.events) {
      present.add(sequence);
      if (!ranges.has(sequence)) {
        events += 1;
        unsettledBytes += bytes;
      }
    }
    const segment: Segment = {
      number: scan.number,
      path: segmentPath(directory, scan.number),
      epoch: scan.epoch,
      firstSequence: range.first,
      lastSequence: range.last,
      firstPosition: lastPosition + 1,
      bytes: scan.bytes,
      unsettledBytes,
    };
    segments.push(segment);
    lastPosition += range.last - range.first + 1;
    const lost = missing(
      segment,
      sequence => present.has(sequence) || ranges.has(sequence),
    );
    if (lost.length > 0) {
      events += lost.length;
      losses.push(lossOf(segment, lost));
      lost.forEach(sequence => ranges.add(sequence));
    }
  }
  const lastNumber = numbers.at(-1) ?? 0;
  return { segments, settled, lastNumber, lastPosition, events, losses };
}

/**
 * Events that were written again to a newer segment do not count in the older
 * one. The newer one says so itself, unless a crash took its first record.
 */
function leaveToNewer(scan: SegmentScan, firstOfNewer: Map<string, number>) {
  const end = firstOfNewer.get(scan.epoch) ?? Infinity;
  const again = scan.events.findIndex(({ sequence }) => sequence >= end);
  if (again !== -1) {
    scan.bytes = scan.events[again].offset;
    scan.events.length = again;
    scan.endsInTheDark = false;
  }
  scan.damaged = scan.damaged.filter(sequence => sequence < end);
  const [first] = scan.events;
  if (first) {
    firstOfNewer.set(scan.epoch, Math.min(end, first.sequence));
  }
}

/** Numbers of a segment's range that are not there. */
export function missing(
  { firstSequence, lastSequence }: Segment,
  isThere: (sequence: number) => boolean,
): number[] {
  const lost: number[] = [];
  for (let sequence = firstSequence; sequence <= lastSequence; sequence++) {
    if (!isThere(sequence)) {
      lost.push(sequence);
    }
  }
  return lost;
}

/** Events of a segment that the disk did not give back. */
export function lossOf(segment: Segment, sequences: readonly number[]) {
  const drop: Drop = {
    reason: 'damaged',
    events: sequences.length,
    bytes: 0,
    epoch: segment.epoch,
    firstSequence: sequences[0],
    lastSequence: sequences[sequences.length - 1],
  };
  const positions = sequences.map(sequence => positionOf(segment, sequence));
  return { drop, positions };
}

function readSegment(
  number: number,
  findings: Iterable<Finding>,
  settled: Settled,
  onDamage: (finding: Finding) => void,
): SegmentScan {
  const scan: SegmentScan = {
    number,
    header: undefined,
    events: [],
    damaged: [],
    endsInTheDark: false,
    epoch: '',
    bytes: 0,
  };
  for (const finding of findings) {
    scan.endsInTheDark = false;
    if (finding.found !== 'record') {
      if (finding.found === 'damage') {
        onDamage(finding);
        scan.endsInTheDark = finding.sequence === undefined;
        scan.damaged.push(...(finding.sequence ? [finding.sequence] : []));
      }
      continue;
    }
    const { kind, sequence, payload } = finding;
    switch (kind) {
      case RecordKind.header:
        scan.header = JSON.parse(payload.toString()) as SegmentHeader;
        scan.epoch = scan.header.epoch;
        break;
      case RecordKind.event:
        // Without the header its events still say which epoch they are of.
        scan.epoch ||= String(JSON.parse(payload.toString()).epoch);
        scan.events.push({
          sequence,
          bytes: payload.length,
          offset: finding.offset,
        });
        break;
      case RecordKind.settled:
        addSettled(settled, JSON.parse(payload.toString()) as SettledPayload);
        break;
      default: // A kind of a later version: not ours to read.
    }
  }
  return scan;
}

function addSettled(settled: Settled, payload: SettledPayload): void {
  for (const [epoch, ranges] of Object.entries(payload)) {
    const known = settledOf(settled, epoch);
    ranges.forEach(([from, to]) => known.addRange(from, to));
  }
}

/** Which events a segment has held, whether they can be read or not. */
function rangeOf(scan: SegmentScan, summary: SegmentSummary | undefined) {
  const seen = [...scan.events.map(each => each.sequence), ...scan.damaged];
  const first = scan.header?.firstSequence ?? summary?.firstSequence;
  const least = seen.reduce((a, b) => Math.min(a, b), first ?? Infinity);
  const most = seen.reduce((a, b) => Math.max(a, b), (first ?? 1) - 1);
  if (summary) {
    return { first: first ?? least, last: summary.lastSequence };
  }
  const hidden = scan.endsInTheDark ? 1 : 0;
  const start = first ?? (seen.length > 0 ? least : 1);
  return { first: start, last: Math.max(most, start - 1) + hidden };
}

async function setAside(
  disk: Disk,
  folder: string,
  asides: { name: string; bytes: Buffer }[],
): Promise<void> {
  if (asides.length === 0) {
    return;
  }
  // What cannot be set aside is still counted; a full disk must not stop a start.
  try {
    await disk.makeDirectory(folder);
    const names = new Set(await disk.list(folder));
    for (const { name, bytes } of asides) {
      if (!names.has(name) && names.size < MAX_SET_ASIDE) {
        const file = await disk.create(join(folder, name));
        await file.write(bytes, 0).finally(() => file.close());
        names.add(name);
      }
    }
  } catch {
    // Nothing depends on it.
  }
}
