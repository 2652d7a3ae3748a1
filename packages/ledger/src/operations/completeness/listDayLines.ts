import { Knex } from 'knex';
import { LedgerLine } from './ledgerLine';
import { listSpanLines } from './listSpanLines';

const DAY_SECONDS = 24 * 60 * 60;

/** @public */
export interface DayLine extends LedgerLine {
  /** Midnight UTC. */
  day: Date;
  /** Receive buckets of the day in which something was accepted. */
  buckets: number;
}

/**
 * The ledger lines of an event type, one per UTC day of receive buckets that
 * begin in the range, oldest first; days on which nothing was accepted have
 * none.
 *
 * @public
 */
export async function listDayLines(
  db: Knex,
  options: { eventType: string; from: Date; to: Date },
): Promise<DayLine[]> {
  const lines = await listSpanLines(db, { ...options, seconds: DAY_SECONDS });
  return lines.map(({ start, ...line }) => ({ day: start, ...line }));
}
