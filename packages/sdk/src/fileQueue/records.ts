import { crc32 } from 'node:zlib';

/*
 * The format of a segment
 *
 * A segment is a sequence of records and nothing else:
 *
 *   offset  bytes  content
 *        0      4  marker FF 4D 52 FE; FF and FE never occur in UTF-8
 *        4      1  kind
 *        5      1  format version, 1
 *        6      6  sequence of the event; 0 in other kinds
 *       12      4  length of the payload
 *       16      4  number of the record in its segment, from 0
 *       20      4  CRC-32 of the payload
 *       24      4  CRC-32 of bytes 4 to 24, starting from the segment's number
 *       28         payload: JSON text in UTF-8
 *
 * Two checksums, because they answer two questions. While the header is whole
 * its length can be trusted, and damage in the payload costs one record. When
 * the header is damaged the next marker with a valid header is searched. The
 * number tells how many records a damaged stretch held, and unmasks a block that
 * is there twice; the segment's number does so for a block of another file.
 */

const MARKER = Buffer.from([0xff, 0x4d, 0x52, 0xfe]);
const VERSION = 1;
export const HEADER_BYTES = 28;

/** What a record is. */
export const RecordKind = {
  /** First record of a segment: a {@link SegmentHeader}. */
  header: 1,
  /** An event: the CloudEvent as it is sent. */
  event: 2,
  /** Events that need not be sent again: {@link SettledPayload}. */
  settled: 3,
} as const;

/** A segment as a later one knows it. */
export interface SegmentSummary {
  segment: number;
  epoch: string;
  /**
   * How much of it counts. What follows was written but never confirmed, and is
   * written again elsewhere if it mattered.
   */
  bytes: number;
  /** Of its events. Without any the last one is less than the first. */
  firstSequence: number;
  lastSequence: number;
}

/** Payload of the first record. */
export interface SegmentHeader {
  producer: string;
  epoch: string;
  /** Of the first event in this segment. */
  firstSequence: number;
  /**
   * The earlier segments that still mattered when this one was begun. Any other
   * with a smaller number does not count.
   */
  earlier: SegmentSummary[];
}

/** Payload of a `settled` record: ranges of sequence numbers, by epoch. */
export type SettledPayload = Record<string, (readonly [number, number])[]>;

/** A record to be written. */
export interface RecordInput {
  kind: (typeof RecordKind)[keyof typeof RecordKind];
  sequence?: number;
  payload: string;
}

/** What a scan finds, in order of offset. */
export type Finding =
  | {
      found: 'record';
      kind: number;
      sequence: number;
      number: number;
      offset: number;
      end: number;
      payload: Buffer;
    }
  /**
   * Bytes that are no record of this segment. With an intact header of an event
   * its sequence is known.
   */
  | { found: 'damage'; offset: number; end: number; sequence?: number }
  /** The last record is not complete: its write was interrupted. */
  | { found: 'torn'; offset: number; end: number };

/** Writes records as bytes; `firstNumber` is the number of the first. */
export function encodeRecords(
  segment: number,
  firstNumber: number,
  records: readonly RecordInput[],
): Buffer {
  const payloads = records.map(({ payload }) => Buffer.from(payload));
  const bytes = payloads.reduce((sum, { length }) => sum + length, 0);
  const target = Buffer.allocUnsafe(bytes + records.length * HEADER_BYTES);
  let at = 0;
  records.forEach(({ kind, sequence = 0 }, index) => {
    const payload = payloads[index];
    target.set(MARKER, at);
    target.writeUInt8(kind, at + 4);
    target.writeUInt8(VERSION, at + 5);
    target.writeUIntBE(sequence, at + 6, 6);
    target.writeUInt32BE(payload.length, at + 12);
    target.writeUInt32BE(firstNumber + index, at + 16);
    target.writeUInt32BE(crc32(payload), at + 20);
    target.writeUInt32BE(headerChecksum(target, at, segment), at + 24);
    target.set(payload, at + HEADER_BYTES);
    at += HEADER_BYTES + payload.length;
  });
  return target;
}

/**
 * Reads the records of a segment, and goes on behind whatever is damaged.
 *
 * @param limit bytes from there on do not count
 */
export function* scanRecords(
  bytes: Buffer,
  segment: number,
  limit: number = bytes.length,
): Generator<Finding> {
  const end = Math.min(limit, bytes.length);
  let at = 0;
  let lastNumber = -1;
  while (at < end) {
    const length = readLength(bytes, at, end, segment);
    if (length === undefined) {
      const next = findHeader(bytes, at + 1, end, segment);
      const isTorn = next === end && looksTorn(bytes, at, end);
      yield { found: isTorn ? 'torn' : 'damage', offset: at, end: next };
      at = next;
      continue;
    }
    const offset = at;
    const kind = bytes.readUInt8(at + 4);
    const sequence = bytes.readUIntBE(at + 6, 6);
    const payloadAt = at + HEADER_BYTES;
    if (payloadAt + length > end) {
      // The header is whole and says more than there is. Either the rest was
      // never written, or what is there is not its payload.
      const next = findHeader(bytes, payloadAt, end, segment);
      const found = next === end ? 'torn' : 'damage';
      yield { found, offset, end: next };
      at = next;
      continue;
    }
    at = payloadAt + length;
    const payload = bytes.subarray(payloadAt, at);
    const number = bytes.readUInt32BE(offset + 16);
    if (
      crc32(payload) !== bytes.readUInt32BE(offset + 20) ||
      number <= lastNumber
    ) {
      const isEvent = kind === RecordKind.event && number > lastNumber;
      yield {
        found: 'damage',
        offset,
        end: at,
        sequence: isEvent ? sequence : undefined,
      };
      continue;
    }
    lastNumber = number;
    yield {
      found: 'record',
      kind,
      sequence,
      number,
      offset,
      end: at,
      payload,
    };
  }
}

/** Length of the payload, if there is a whole header of this segment. */
function readLength(
  bytes: Buffer,
  at: number,
  end: number,
  segment: number,
): number | undefined {
  const isWhole =
    at + HEADER_BYTES <= end &&
    bytes.compare(MARKER, 0, MARKER.length, at, at + MARKER.length) === 0 &&
    bytes.readUInt32BE(at + 24) === headerChecksum(bytes, at, segment);
  return isWhole ? bytes.readUInt32BE(at + 12) : undefined;
}

function findHeader(
  bytes: Buffer,
  from: number,
  end: number,
  segment: number,
): number {
  for (
    let at = bytes.indexOf(MARKER, from);
    at !== -1 && at < end;
    at = bytes.indexOf(MARKER, at + 1)
  ) {
    if (readLength(bytes, at, end, segment) !== undefined) {
      return at;
    }
  }
  return end;
}

/**
 * What an interrupted write leaves: the start of a header, or space that was
 * made and not filled.
 */
function looksTorn(bytes: Buffer, at: number, end: number): boolean {
  const start = Math.min(end - at, MARKER.length);
  return (
    (end - at < HEADER_BYTES &&
      bytes.compare(MARKER, 0, start, at, at + start) === 0) ||
    bytes.subarray(at, end).every(byte => byte === 0)
  );
}

function headerChecksum(bytes: Buffer, at: number, segment: number): number {
  // A segment's number may have more than 32 bits; its low ones tell neighbours
  // apart, which is what matters.
  return crc32(bytes.subarray(at + 4, at + 24), segment % 2 ** 32);
}
