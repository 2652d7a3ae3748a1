/**
 * Where a refused event is on its way back.
 *
 * - `none`: it was not replayed yet.
 * - `replaying`: a replay has it and has not finished with it.
 * - `replayed`: the gateway accepted it in a replay.
 * - `refused-again`: the gateway refused what a replay made of it. That is kept
 *   as a refusal of its own, which stands in its place from then on.
 *
 * @public
 */
export type RefusedReplayState =
  | 'none'
  | 'replaying'
  | 'replayed'
  | 'refused-again';

/**
 * An event that was refused and is kept. Without its content: that may hold
 * personal values.
 *
 * @public
 */
export interface RefusedEventSummary {
  refusalId: string;
  /** Missing when the event did not say one. */
  eventType?: string;
  eventId?: string;
  source?: string;
  /** Reason code, from a closed list. */
  reason: string;
  /** RFC 6901 pointer to the offending field. */
  pointer?: string;
  /** The pointer with `*` in place of list indexes: what its group is called. */
  field?: string;
  message: string;
  /** When it was refused first. */
  receivedAt: string;
  /** When it was refused last. */
  lastReceivedAt: string;
  /** How often it was sent: a producer that retries makes one row. */
  seenCount: number;
  stage: 'gateway' | 'sealing';
  /** The write key it was sent with; missing for those refused at sealing. */
  writeKeyId?: string;
  /**
   * Only the beginning of it was kept, because it was too long. It can be
   * looked at, and cannot be replayed.
   */
  truncated: boolean;
  replayState: RefusedReplayState;
  /** The newest replay that had it. */
  replayId?: string;
}

/**
 * The answer of `GET /event-types/:name/refused/:refusalId` and of
 * `GET /refused/:refusalId`: a refused event with its content, for those who may
 * read refused events of its type. Each reading is audited.
 *
 * @public
 */
export interface RefusedEventDetail extends RefusedEventSummary {
  /**
   * The event as it came, as text: JSON, unless it could not be parsed or is
   * truncated.
   */
  event: string;
}

/**
 * The query of `GET /event-types/:name/refused` and `GET /refused`. Everything
 * given must hold.
 *
 * @public
 */
export interface RefusedEventsQuery {
  /** A reason code. */
  reason?: string;
  /**
   * A pointer, such as `/data/items/3/price`, or a group's `field`, which has
   * `*` in place of the 3: both find the whole group.
   */
  pointer?: string;
  /** The id the producer gave the event. */
  eventId?: string;
  writeKeyId?: string;
  /** Received first at or after; RFC 3339. */
  since?: string;
  /** Received first before; RFC 3339. */
  until?: string;
  replayState?: RefusedReplayState;
  /** `GET /refused` only: events of types that nobody has registered. */
  unknownOnly?: boolean;
  /** 1 to 1,000. Default 50. */
  limit?: number;
  /** The `nextCursor` of the page before. */
  cursor?: string;
}

/**
 * A page of refused events, newest first.
 *
 * @public
 */
export interface RefusedEvents {
  items: RefusedEventSummary[];
  /** Distinct refused events of the last 31 days, by the filter of the query. */
  total: number;
  /** The same, by reason and field, most frequent first; at most 200. */
  byReason: { reason: string; pointer?: string; count: number }[];
  /** The `cursor` of the next page; missing on the last one. */
  nextCursor?: string;
}

/**
 * The refused events of one type that have the same reason at the same field:
 * most likely one mistake, and so one fix.
 *
 * @public
 */
export interface RefusedGroup {
  reason: string;
  /**
   * The pointer with `*` in place of list indexes; missing when the refusal
   * points to no field, and for who sees counts only.
   */
  field?: string;
  /** Distinct refused events. */
  count: number;
  /** How often they were sent in all. */
  seenCount: number;
  /** Of `count`, those that a replay has brought back. */
  replayed: number;
  firstSeenAt: string;
  lastSeenAt: string;
  /**
   * The write keys they came with, most frequent first, at most 20. Empty for
   * who sees counts only.
   */
  writeKeys: RefusedGroupWriteKey[];
  /** The newest of them; missing for who sees counts only. */
  sampleRefusalId?: string;
}

/**
 * A write key that events of a group came with.
 *
 * @public
 */
export interface RefusedGroupWriteKey {
  keyId: string;
  /** What people call it; missing for a key the ledger does not know. */
  name?: string;
  /** The producer it belongs to, where it belongs to one. */
  producer?: string;
  count: number;
}

/**
 * The answer of `GET /event-types/:name/refused/groups?since=`; `since` is
 * RFC 3339, default 31 days ago.
 *
 * @public
 */
export interface RefusedGroups {
  /** Most frequent first; at most 200. */
  items: RefusedGroup[];
  /** Distinct refused events of all groups, also of those beyond the 200. */
  total: number;
  /** The start of the time looked at. */
  since: string;
  /**
   * `full`, or `counts` for who may see how the type is delivered and not its
   * refused events: then one item per reason, without field, keys and sample.
   */
  detail: 'full' | 'counts';
}
