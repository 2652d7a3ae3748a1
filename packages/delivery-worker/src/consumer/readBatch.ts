import { promisify } from 'node:util';
import { crc32, zstdDecompress } from 'node:zlib';
import {
  BatchHeader,
  parseBatchAttributes,
  parseRefusedAttributes,
  RefusedBatchHeader,
  RefusedEvent,
} from '@millrace/schema';
import { PoisonError } from '../errors';

/*
 * Reading a broker message, down to the point where it is certain that it can
 * be sealed.
 *
 * The body is decompressed once here, although only the compressed bytes are
 * kept: staged files are read as a whole, so a single damaged frame found later
 * would hold up every batch of its hour. Decompressing costs about a hundredth
 * of what sealing the same events does.
 */

const decompress = promisify(zstdDecompress);

const LINE_FEED = 0x0a;

/** Far above what a gateway publishes; what a hostile body may unfold to. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** The ledger's integer columns. */
const MAX_INTEGER = 2 ** 31 - 1;

interface BrokerMessage {
  attributes: Record<string, string>;
  data: Buffer;
}

/**
 * The header of a batch message.
 *
 * @throws PoisonError when it has none, or one of another event type
 * @internal
 */
export function readBatchHeader(
  message: BrokerMessage,
  eventType: string,
): BatchHeader {
  const header = parsed(() => parseBatchAttributes(message.attributes));
  if (header.eventType !== eventType) {
    throw new PoisonError(
      'wrong_event_type',
      `A batch of ${header.eventType} came on the subscription of ${eventType}`,
    );
  }
  const { batch, events, schemaVersion } = header;
  if (batch < 1 || Math.max(batch, events, schemaVersion) > MAX_INTEGER) {
    throw new PoisonError(
      'invalid_batch_header',
      'Batch number, events and schema version must be between 1 and 2147483647',
    );
  }
  return header;
}

/**
 * Makes sure that the body is what the header says.
 *
 * @throws PoisonError
 * @internal
 */
export async function checkBatchBody(
  data: Buffer,
  header: BatchHeader,
): Promise<void> {
  const body = await decompressed(data, Math.min(header.bytes, MAX_BODY_BYTES));
  const lines = countLines(body);
  if (body.length !== header.bytes || lines !== header.events) {
    throw new PoisonError(
      'body_differs_from_header',
      `The header says ${header.events} events in ${header.bytes} bytes, the body has ${lines} whole lines in ${body.length} bytes`,
    );
  }
  // A gateway of a version before says none.
  if (header.crc !== undefined && crc32(body) !== header.crc) {
    throw new PoisonError(
      'body_differs_from_header',
      'The CRC-32 of the body is not the one in the header',
    );
  }
}

/**
 * The events of a message on the refused topic.
 *
 * @throws PoisonError
 * @internal
 */
export async function readRefusedBatch(
  message: BrokerMessage,
): Promise<{ header: RefusedBatchHeader; events: RefusedEvent[] }> {
  const header = parsed(() => parseRefusedAttributes(message.attributes));
  if (header.batch > MAX_INTEGER) {
    throw new PoisonError(
      'invalid_batch_header',
      `Batch number must not be above ${MAX_INTEGER}`,
    );
  }
  const body = await decompressed(message.data, MAX_BODY_BYTES);
  const lines = body.toString().split('\n').filter(Boolean);
  return { header, events: lines.map(parseRefusedEvent) };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function parseRefusedEvent(line: string): RefusedEvent {
  let value: Partial<Record<keyof RefusedEvent, unknown>>;
  try {
    value = JSON.parse(line);
  } catch {
    throw new PoisonError('invalid_refused_event', 'A line is not JSON');
  }
  const text = (key: keyof RefusedEvent): string => {
    const field = value?.[key];
    if (typeof field !== 'string') {
      throw new PoisonError('invalid_refused_event', `'${key}' must be text`);
    }
    return field;
  };
  const optional = (key: keyof RefusedEvent) =>
    value[key] === undefined || value[key] === null ? undefined : text(key);
  const event: RefusedEvent = {
    refusalId: text('refusalId'),
    eventType: optional('eventType'),
    eventId: optional('eventId'),
    source: optional('source'),
    reason: text('reason'),
    pointer: optional('pointer'),
    message: text('message'),
    receivedAt: text('receivedAt'),
    writeKeyId: optional('writeKeyId'),
    event: text('event'),
    truncated: value.truncated === true,
  };
  if (!UUID.test(event.refusalId)) {
    throw new PoisonError(
      'invalid_refused_event',
      "'refusalId' must be a UUID",
    );
  }
  if (
    // JavaScript reads more forms than the ledger does.
    !/^\d{4}-\d\d-\d\dT/.test(event.receivedAt) ||
    Number.isNaN(Date.parse(event.receivedAt))
  ) {
    throw new PoisonError(
      'invalid_refused_event',
      "'receivedAt' must be a date and time",
    );
  }
  return event;
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new PoisonError('invalid_batch_header', errorMessage(error));
  }
}

async function decompressed(data: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await decompress(data, { maxOutputLength: maxBytes });
  } catch (error) {
    throw new PoisonError('unreadable_body', errorMessage(error));
  }
}

/** Lines that end in a line feed; a last one that does not is no line. */
function countLines(body: Buffer): number {
  let lines = 0;
  for (
    let at = body.indexOf(LINE_FEED);
    at !== -1;
    at = body.indexOf(LINE_FEED, at + 1)
  ) {
    lines += 1;
  }
  return body.at(-1) === LINE_FEED ? lines : -1;
}

function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
