import { Knex } from 'knex';
import { DuckdbSession, JsonValue } from '@millrace/lake';
import { recordDrops, recordSequences, SequenceChunk } from '@millrace/ledger';
import { DuckdbColumn } from '@millrace/schema';
import * as sql from './accountingSql';

/**
 * Rows of the ledger that the numbers of one bucket may take; each holds up to
 * 1,024 numbers. Beyond, the events are counted as untracked, and nothing is
 * called missing for producers of that time: a flood of producer names must
 * not be able to fill the ledger, nor to make losses up.
 */
const MAX_CHUNKS = 200_000;

/** Reports of drops taken from one bucket; the others are events, no more. */
const MAX_DROP_REPORTS = 10_000;

/** Bounds statements and how long their locks are held. */
const ROWS_PER_STATEMENT = 2_000;

export interface Numbering {
  numbered: number;
  unnumbered: number;
  untracked: number;
}

/**
 * Records which numbers of which producers are among the staged events, and
 * what producers report as dropped. Repeating it changes nothing.
 */
export async function recordNumbers(options: {
  ledger: Knex;
  duckdb: DuckdbSession;
  eventType: string;
  columns: DuckdbColumn[];
  /** For tests. */
  maxChunks?: number;
}): Promise<Numbering> {
  const { ledger, duckdb, eventType, columns } = options;
  await duckdb.run(sql.NUMBERED_CHUNK_SQL);
  await duckdb.run(sql.trackedChunkSql(options.maxChunks ?? MAX_CHUNKS));
  const [row] = await duckdb.rows(sql.NUMBERING_SQL);
  const events = Number(row.events);
  const numbered = Number(row.numbered);
  const untracked = numbered - Number(row.tracked);

  let chunks: SequenceChunk[] = [];
  const flush = async () => {
    await recordSequences(ledger, { eventType, chunks });
    chunks = [];
  };
  for await (const piece of duckdb.columns(
    sql.sequenceChunksSql(row.with_number === row.tracked),
  )) {
    for (let at = 0; at < piece[0].length; at += 1) {
      chunks.push(toChunk(piece.map(column => column[at])));
      if (chunks.length === ROWS_PER_STATEMENT) {
        await flush();
      }
    }
  }
  await flush();

  if (sql.areDropReports(columns)) {
    const reports = await duckdb.rows(sql.dropReportsSql(MAX_DROP_REPORTS));
    await recordDrops(ledger, {
      eventType,
      drops: reports.map(report => ({
        producer: String(report.producer),
        epoch: String(report.dropped_epoch),
        firstSequence: Number(report.first_sequence),
        lastSequence: Number(report.last_sequence),
        events: Number(report.dropped_events),
        reason: String(report.reason ?? ''),
        reportKey: String(report.report_key),
        reportedAt: String(report.received_at),
      })),
    });
  }
  return { numbered, unnumbered: events - numbered, untracked };
}

/** In the order of the SELECT list. */
function toChunk([
  producer,
  epoch,
  chunk,
  bits,
  lowest,
  highest,
  firstReceivedAt,
  lastReceivedAt,
]: JsonValue[]): SequenceChunk {
  return {
    producer: String(producer),
    epoch: String(epoch),
    chunk: Number(chunk),
    bits: String(bits),
    lowest: Number(lowest),
    highest: Number(highest),
    firstReceivedAt: String(firstReceivedAt),
    lastReceivedAt: String(lastReceivedAt),
  };
}
