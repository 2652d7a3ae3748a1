import {
  countRefusedEvents,
  listRefusedEvents,
  type RefusedEventRecord,
} from '@millrace/ledger';
import type {
  RefusedEvents,
  RefusedEventSummary,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { formatRefusedCursor, type RefusedCursor } from './cursor';

/** Totals cover the retry horizon: what may still be sent again. */
const TOTALS_SINCE_MS = 31 * 24 * 60 * 60 * 1000;

/**
 * Reads refused events, of one event type or of all, without their content. It
 * checks no permissions.
 */
export class RefusedEventReader {
  readonly #ledger: Knex;
  readonly #now: () => Date;

  constructor(options: { ledger: Knex; now: () => Date }) {
    this.#ledger = options.ledger;
    this.#now = options.now;
  }

  async list(request: {
    eventType?: string;
    /** Only events of types that nobody has registered. */
    unknownOnly?: boolean;
    cursor?: RefusedCursor;
    limit: number;
  }): Promise<RefusedEvents> {
    const { eventType, unknownOnly, cursor, limit } = request;
    const [records, byReason] = await Promise.all([
      listRefusedEvents(this.#ledger, {
        eventType,
        unknownOnly,
        before: cursor,
        limit: limit + 1,
      }),
      countRefusedEvents(this.#ledger, {
        eventType,
        unknownOnly,
        since: new Date(this.#now().getTime() - TOTALS_SINCE_MS),
      }),
    ]);
    const page = records.slice(0, limit);
    return {
      items: page.map(toSummary),
      total: byReason.reduce((sum, { count }) => sum + count, 0),
      byReason,
      nextCursor:
        records.length > limit
          ? formatRefusedCursor(page[page.length - 1])
          : undefined,
    };
  }
}

function toSummary(record: RefusedEventRecord): RefusedEventSummary {
  return {
    refusalId: record.refusalId,
    eventType: record.eventType,
    eventId: record.eventId,
    source: record.source,
    reason: record.reason,
    pointer: record.pointer,
    message: record.message,
    receivedAt: record.receivedAt.toISOString(),
    seenCount: record.seenCount,
    stage: record.stage,
  };
}
