import { createHash } from 'node:crypto';
import { DuckdbRow, DuckdbSession, JsonValue } from '@millrace/lake';
import { DuckdbColumn, EventValidator, RefusedEvent } from '@millrace/schema';
import { findBadColumnsSql, REFUSED_SQL } from './sealingSql';

const REASON = 'cast_failed';

/**
 * The events that could not be cast, as they are kept: whole, with a pointer to
 * what is wrong, ready to be replayed once the schema or the event is mended.
 */
export async function readRefusedEvents(
  duckdb: DuckdbSession,
  options: {
    eventType: string;
    columns: DuckdbColumn[];
    validate: EventValidator;
  },
): Promise<RefusedEvent[]> {
  const refused: RefusedEvent[] = [];
  for (const row of await duckdb.rows(REFUSED_SQL)) {
    const { pointer, message } = await findFault(duckdb, row, options);
    refused.push(toRefusedEvent(options.eventType, row, pointer, message));
  }
  return refused;
}

interface Fault {
  pointer: string;
  message: string;
}

async function findFault(
  duckdb: DuckdbSession,
  row: DuckdbRow,
  options: { columns: DuckdbColumn[]; validate: EventValidator },
): Promise<Fault> {
  const data = textOf(row.data_text);
  for (const key of ['id', 'source'] as const) {
    if (row[key] === null) {
      return { pointer: `/${key}`, message: `${key} is missing` };
    }
  }
  if (row.received_at === null) {
    return { pointer: '/receivedAt', message: 'is not a timestamp' };
  }
  // The validator knows the exact place; it was this strict when the event was
  // accepted, so mostly it finds nothing and the cast itself has to tell.
  const [problem] = data === undefined ? [] : options.validate(parse(data));
  if (problem) {
    return { pointer: problem.pointer, message: problem.message };
  }
  if (data !== undefined && options.columns.length > 0) {
    const [bad] = await duckdb.rows(findBadColumnsSql(options.columns), [data]);
    const column = options.columns.find(({ name }) => name === bad?.name);
    if (column) {
      return {
        pointer: `/data/${escapePointer(column.name)}`,
        message: `does not fit the column's type ${column.type}`,
      };
    }
  }
  return row.time_text === null
    ? { pointer: '/data', message: 'is not an object of the schema' }
    : { pointer: '/time', message: 'is not a timestamp that can be stored' };
}

function toRefusedEvent(
  eventType: string,
  row: DuckdbRow,
  pointer: string,
  message: string,
): RefusedEvent {
  const event = toEventText(eventType, row);
  const id = textOf(row.id);
  const source = textOf(row.source);
  const digest = createHash('sha256')
    .update(JSON.stringify([eventType, source, id, REASON, pointer, event]))
    .digest('hex')
    .slice(0, 32);
  return {
    refusalId: digest.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    eventType,
    eventId: id,
    source,
    reason: REASON,
    pointer,
    message,
    receivedAt: textOf(row.received_at) ?? new Date(0).toISOString(),
    event,
  };
}

/** The CloudEvent again; `data` as the text it was, digit by digit. */
function toEventText(eventType: string, row: DuckdbRow): string {
  const attributes = JSON.stringify({
    specversion: '1.0',
    type: eventType,
    id: row.id,
    source: row.source,
    time: row.time_text ?? undefined,
    producer: row.producer ?? undefined,
    epoch: row.epoch ?? undefined,
    sequence: row.sequence ?? undefined,
  });
  return `${attributes.slice(0, -1)},"data":${
    textOf(row.data_text) ?? 'null'
  }}`;
}

function textOf(value: JsonValue): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** RFC 6901, section 3. */
function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
