import { SchemaError } from '../errors';
import { parseEventTypeName } from '../names';
import { bucketOf } from '../bucket';
import { BatchHeader, RefusedBatchHeader } from './types';

const BATCH_FORMAT = 'ndjson+zstd/1';
const REFUSED_FORMAT = 'refused-ndjson+zstd/1';

/** Broker attributes hold at most 1,024 bytes; names stay far below. */
const MAX_NAME_LENGTH = 200;

type Attributes = Record<string, string>;

/**
 * Writes the header of a batch as message attributes.
 *
 * @throws SchemaError with code `invalid_batch_header` for a header that
 * `parseBatchAttributes` would not read back
 * @public
 */
export function encodeBatchAttributes(header: BatchHeader): Attributes {
  const start = header.bucket.start;
  const attributes = {
    format: BATCH_FORMAT,
    gateway: header.gateway,
    epoch: header.epoch,
    eventType: header.eventType,
    schemaVersion: String(header.schemaVersion),
    bucketStart: Number.isNaN(start.getTime()) ? '' : start.toISOString(),
    bucketSeconds: String(header.bucket.seconds),
    batch: String(header.batch),
    events: String(header.events),
    bytes: String(header.bytes),
    ...(header.crc !== undefined && { crc32: formatCrc(header.crc) }),
  };
  parseBatchAttributes(attributes);
  return attributes;
}

/**
 * Reads the attributes of a batch message.
 *
 * @throws SchemaError with code `invalid_batch_header`: the message was not
 * written by a gateway of this version and can never be staged
 * @public
 */
export function parseBatchAttributes(
  attributes: Readonly<Attributes>,
): BatchHeader {
  expectFormat(attributes, BATCH_FORMAT);
  const seconds = readInteger(attributes, 'bucketSeconds', 1);
  const crc = readCrc(attributes);
  return {
    gateway: readName(attributes, 'gateway'),
    epoch: readName(attributes, 'epoch'),
    eventType: readEventType(attributes),
    schemaVersion: readInteger(attributes, 'schemaVersion', 1),
    bucket: { start: readBucketStart(attributes, seconds), seconds },
    batch: readInteger(attributes, 'batch', 0),
    events: readInteger(attributes, 'events', 1),
    bytes: readInteger(attributes, 'bytes', 1),
    ...(crc !== undefined && { crc }),
  };
}

/**
 * Writes the header of a message on the refused topic.
 *
 * @throws SchemaError with code `invalid_batch_header`
 * @public
 */
export function encodeRefusedAttributes(
  header: RefusedBatchHeader,
): Attributes {
  const attributes = {
    format: REFUSED_FORMAT,
    gateway: header.gateway,
    epoch: header.epoch,
    batch: String(header.batch),
    events: String(header.events),
  };
  parseRefusedAttributes(attributes);
  return attributes;
}

/**
 * Reads the attributes of a message on the refused topic.
 *
 * @throws SchemaError with code `invalid_batch_header`
 * @public
 */
export function parseRefusedAttributes(
  attributes: Readonly<Attributes>,
): RefusedBatchHeader {
  expectFormat(attributes, REFUSED_FORMAT);
  return {
    gateway: readName(attributes, 'gateway'),
    epoch: readName(attributes, 'epoch'),
    batch: readInteger(attributes, 'batch', 0),
    events: readInteger(attributes, 'events', 1),
  };
}

function expectFormat(attributes: Readonly<Attributes>, format: string): void {
  if (attributes.format !== format) {
    throw invalid('format', `'${format}'`);
  }
}

function readName(attributes: Readonly<Attributes>, key: string): string {
  const value = attributes[key];
  // Names become parts of file names and log lines.
  if (
    typeof value !== 'string' ||
    value.length > MAX_NAME_LENGTH ||
    !/^[\w.:-]+$/.test(value)
  ) {
    throw invalid(key, "made of letters, digits, '_', '.', ':' and '-'");
  }
  return value;
}

function readInteger(
  attributes: Readonly<Attributes>,
  key: string,
  minimum: number,
): number {
  const text = attributes[key];
  const value =
    typeof text === 'string' && /^(0|[1-9]\d*)$/.test(text)
      ? Number(text)
      : NaN;
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw invalid(key, `an integer from ${minimum}`);
  }
  return value;
}

/** Eight hexadecimal digits, as `crc32` of the command line writes it. */
function formatCrc(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

/** `undefined` in a batch of a gateway from before there was one. */
function readCrc(attributes: Readonly<Attributes>): number | undefined {
  const text = attributes.crc32;
  if (text === undefined) {
    return undefined;
  }
  if (!/^[0-9a-f]{8}$/.test(text)) {
    throw invalid('crc32', 'eight hexadecimal digits, or absent');
  }
  return parseInt(text, 16);
}

function readEventType(attributes: Readonly<Attributes>): string {
  try {
    return parseEventTypeName(attributes.eventType);
  } catch {
    throw invalid('eventType', 'the name of an event type');
  }
}

function readBucketStart(
  attributes: Readonly<Attributes>,
  seconds: number,
): Date {
  const text = attributes.bucketStart;
  const start = new Date(typeof text === 'string' ? text : NaN);
  if (
    Number.isNaN(start.getTime()) ||
    start.toISOString() !== text ||
    !isBucketStart(start, seconds)
  ) {
    throw invalid('bucketStart', 'the start of a bucket of bucketSeconds');
  }
  return start;
}

function isBucketStart(start: Date, seconds: number): boolean {
  try {
    return bucketOf(start, seconds).start.getTime() === start.getTime();
  } catch {
    return false;
  }
}

function invalid(key: string, expected: string): SchemaError {
  return new SchemaError(
    'invalid_batch_header',
    `The attribute '${key}' of a batch message must be ${expected}`,
  );
}
