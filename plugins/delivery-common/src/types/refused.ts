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
  message: string;
  receivedAt: string;
  /** How often it was sent: a producer that retries makes one row. */
  seenCount: number;
  stage: 'gateway' | 'sealing';
}

/**
 * A page of refused events, newest first.
 *
 * @public
 */
export interface RefusedEvents {
  items: RefusedEventSummary[];
  /** Distinct refused events of the last 31 days. */
  total: number;
  /** The same, by reason and place, most frequent first. */
  byReason: { reason: string; pointer?: string; count: number }[];
  /** The `cursor` of the next page; missing on the last one. */
  nextCursor?: string;
}
