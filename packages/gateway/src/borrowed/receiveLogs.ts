import type { SnapshotWriteKey } from '@millrace/ledger';
import { RequestError } from '../errors';
import { GatewayRequest, parseContentCoding, Reply } from '../http';
import { adapt } from './adapt';
import { authenticateByBody, authenticateByHead } from './authenticateBorrowed';
import {
  elementsOf,
  isObject,
  JsonPart,
  memberOf,
  parseJsonBody,
  tooManyEvents,
} from './jsonPart';
import { mapLogRecord, SentLogRecord } from './mapLogRecord';
import { settle } from './settle';
import { takeUnreadable } from './takeUnreadable';
import type { BorrowedDeps } from './types';

/**
 * Takes log records by OTLP/HTTP in JSON (opentelemetry-proto 1.x,
 * `ExportLogsServiceRequest`).
 *
 * Guarantees: the answer is 200 only when every record is durable, either as an
 * event or, with its reason, among the refused events; these are counted in
 * `partialSuccess`, which tells exporters not to send them again.
 *
 * @throws RequestError
 */
export async function receiveLogs(
  request: GatewayRequest,
  deps: BorrowedDeps,
): Promise<Reply> {
  const { access, limits, pacer, takeEvents } = deps;
  refuseProtobuf(request.headers['content-type']);
  const writeKey =
    authenticateByHead(request, access) ??
    authenticateByBody(request, undefined, access);
  request.countFor(writeKey.keyId);
  const body = await request.readBody(parseContentCoding(request.headers));
  const records = await recordsOrKeep(body, writeKey, deps);
  boundSize(records, limits.maxInflatedBytes);
  access.charge(writeKey, request.address, {
    events: records.length,
    bytes: body.length,
  });
  const events = await adapt(records, pacer, record =>
    mapLogRecord(record, limits),
  );
  const { refused } = settle(events, await takeEvents(events, writeKey));
  const [first] = refused;
  return {
    status: 200,
    body: first
      ? {
          partialSuccess: {
            // 64-bit integers are texts in the JSON form of protobuf.
            rejectedLogRecords: String(refused.length),
            errorMessage: `Kept among the refused events; the first: ${first.reason}: ${first.message}`,
          },
        }
      : {},
  };
}

async function recordsOrKeep(
  body: Buffer,
  writeKey: SnapshotWriteKey,
  deps: BorrowedDeps,
): Promise<SentLogRecord[]> {
  const { maxBodyBytes, maxEventsPerRequest } = deps.limits;
  try {
    return recordsOf(parseJsonBody(body, maxBodyBytes), maxEventsPerRequest);
  } catch (error) {
    await takeUnreadable(error, body, writeKey, deps);
    throw error;
  }
}

/**
 * Each event carries the resource of its record, which is sent once: a large
 * one would multiply.
 *
 * @throws RequestError `body_too_large`
 */
function boundSize(records: SentLogRecord[], maxBytes: number): void {
  let bytes = 0;
  for (const parts of records) {
    for (const part of Object.values<JsonPart | undefined>({ ...parts })) {
      bytes += part ? part.end - part.start : 0;
    }
  }
  if (bytes > maxBytes) {
    throw new RequestError(
      'body_too_large',
      `The log records, each with its resource, have more than ${maxBytes} bytes; send fewer at once`,
      { limit: { name: 'maxInflatedBytes', value: maxBytes } },
    );
  }
}

/**
 * @throws RequestError `unsupported_media_type`
 */
function refuseProtobuf(contentType: string | undefined): void {
  if (/^application\/(x-)?protobuf/i.test(contentType ?? '')) {
    throw new RequestError(
      'unsupported_media_type',
      'OTLP is taken as JSON, not as protobuf: set OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/json, or the option of your exporter that does the same',
    );
  }
}

/** @throws RequestError `not_a_batch` or `batch_too_many_events` */
function recordsOf(body: JsonPart, maxRecords: number): SentLogRecord[] {
  const records: SentLogRecord[] = [];
  for (const resourceLogs of listIn(body, 'resourceLogs', maxRecords)) {
    const resource = memberOf(resourceLogs, 'resource');
    for (const scopeLogs of listIn(resourceLogs, 'scopeLogs', maxRecords)) {
      const scope = memberOf(scopeLogs, 'scope');
      for (const logRecord of listIn(scopeLogs, 'logRecords', maxRecords)) {
        records.push({ resource, scope, logRecord });
      }
      if (records.length > maxRecords) {
        throw tooManyEvents(maxRecords);
      }
    }
  }
  return records;
}

/** In the JSON form of protobuf an empty list may be left out. */
function listIn(
  holder: JsonPart,
  name: string,
  maxElements: number,
): JsonPart[] {
  const member = memberOf(holder, name);
  const list = member && elementsOf(member, maxElements);
  const isLeftOut = isObject(holder.value) && (member?.value ?? null) === null;
  if (!list && !isLeftOut) {
    throw new RequestError(
      'not_a_batch',
      'The body must be an ExportLogsServiceRequest: resourceLogs, scopeLogs and logRecords are lists of objects',
    );
  }
  return list ?? [];
}
