import { NotFoundError } from '@backstage/errors';
import {
  countRefusedEvents,
  getRefusedEvent,
  groupRefusedEvents,
  listRefusedEvents,
  type RefusedEventFilter,
  type RefusedEventRecord,
  type RefusedGroupRecord,
} from '@millrace/ledger';
import type {
  RefusedEventDetail,
  RefusedEvents,
  RefusedEventSummary,
  RefusedGroup,
  RefusedGroups,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { formatRefusedCursor, type RefusedCursor } from './cursor';

/** Totals cover the retry horizon: what may still be sent again. */
const TOTALS_SINCE_MS = 31 * 24 * 60 * 60 * 1000;

/**
 * Reads refused events, of one event type or of all. Their content is read one
 * at a time and on its own, since it may hold personal values. It checks no
 * permissions.
 */
export class RefusedEventReader {
  readonly #ledger: Knex;
  readonly #now: () => Date;

  constructor(options: { ledger: Knex; now: () => Date }) {
    this.#ledger = options.ledger;
    this.#now = options.now;
  }

  async list(
    request: RefusedEventFilter & { cursor?: RefusedCursor; limit: number },
  ): Promise<RefusedEvents> {
    const { cursor, limit, ...filter } = request;
    const [records, counts] = await Promise.all([
      listRefusedEvents(this.#ledger, {
        ...filter,
        before: cursor,
        limit: limit + 1,
      }),
      countRefusedEvents(this.#ledger, {
        ...filter,
        since: filter.since ?? this.#totalsSince(),
      }),
    ]);
    const page = records.slice(0, limit);
    return {
      items: page.map(toSummary),
      total: counts.total,
      byReason: counts.items,
      nextCursor:
        records.length > limit
          ? formatRefusedCursor(page[page.length - 1])
          : undefined,
    };
  }

  /**
   * @param detail - `counts` leaves out everything that could say something of
   * the events themselves
   */
  async groups(request: {
    eventType: string;
    since?: Date;
    detail: RefusedGroups['detail'];
  }): Promise<RefusedGroups> {
    const { eventType, since = this.#totalsSince(), detail } = request;
    const { items, total } = await groupRefusedEvents(this.#ledger, {
      eventType,
      since,
    });
    const groups = items.map(toGroup);
    return {
      items: detail === 'full' ? groups : byReasonAlone(groups),
      total,
      since: since.toISOString(),
      detail,
    };
  }

  /** @throws NotFoundError */
  async get(request: {
    refusalId: string;
    eventType?: string;
  }): Promise<RefusedEventDetail> {
    const record = await getRefusedEvent(this.#ledger, request);
    if (!record) {
      throw new NotFoundError('There is no refused event of that id');
    }
    return { ...toSummary(record), event: record.event };
  }

  #totalsSince(): Date {
    return new Date(this.#now().getTime() - TOTALS_SINCE_MS);
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
    field: record.field,
    message: record.message,
    receivedAt: record.receivedAt.toISOString(),
    lastReceivedAt: record.lastReceivedAt.toISOString(),
    seenCount: record.seenCount,
    stage: record.stage,
    writeKeyId: record.writeKeyId,
    truncated: record.truncated,
    replayState: record.replayState,
    replayId: record.replayId,
  };
}

function toGroup(record: RefusedGroupRecord): RefusedGroup {
  return {
    ...record,
    firstSeenAt: record.firstSeenAt.toISOString(),
    lastSeenAt: record.lastSeenAt.toISOString(),
  };
}

/** Names of fields can be values too, where a schema has maps. */
function byReasonAlone(groups: RefusedGroup[]): RefusedGroup[] {
  const merged = new Map<string, RefusedGroup>();
  for (const group of groups) {
    const known = merged.get(group.reason);
    merged.set(group.reason, {
      reason: group.reason,
      count: group.count + (known?.count ?? 0),
      seenCount: group.seenCount + (known?.seenCount ?? 0),
      replayed: group.replayed + (known?.replayed ?? 0),
      firstSeenAt: min(group.firstSeenAt, known?.firstSeenAt),
      lastSeenAt: max(group.lastSeenAt, known?.lastSeenAt),
      writeKeys: [],
    });
  }
  return [...merged.values()].sort((a, b) => b.count - a.count);
}

/** Of times in the same form, which sort like texts. */
function min(a: string, b: string = a): string {
  return a < b ? a : b;
}

function max(a: string, b: string = a): string {
  return a > b ? a : b;
}
