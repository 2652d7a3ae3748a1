/*
 * Replaying refused events: a selection of them is changed by a fix, sent to a
 * gateway again like any other event, and followed until each lies in a sealed
 * partition.
 *
 * Routes, all below `/api/delivery`:
 *
 * POST /event-types/:name/replays/preview     ReplayPreview
 * POST /event-types/:name/replays             201 Replay
 * GET  /event-types/:name/replays             ReplayList
 * GET  /event-types/:name/replays/:replayId   ReplayDetail
 *
 * Previewing and reading a replay need the permission to read the refused
 * events of the type, creating one needs `delivery.refused-events.replay`.
 */

/**
 * One change to an event, at a place given by an RFC 6901 JSON pointer such as
 * `/data/amount`. The token `*` stands for every element where it meets a list.
 *
 * A change never guesses: where it cannot be made exactly as said (the place is
 * not there, the text is no number, the new name is taken) the event is left as
 * it is, and the preview shows that it is still refused.
 *
 * - `set`: puts a value there. The object around it must exist; the field need
 *   not. Not for `/id`, which must differ from event to event.
 * - `remove`: takes the field away.
 * - `rename`: moves a value to another place, which must be free. With `*`, both
 *   pointers have the same beginning up to the last `*`.
 * - `cast`: turns a text into an integer, a number or a boolean (`"true"`,
 *   `"false"`), or a number or boolean into a text.
 * - `setType`: makes it an event of another type. Needs the permission to replay
 *   for that type as well.
 *
 * @public
 */
export type FixOperation =
  | { op: 'set'; pointer: string; value: FixValue }
  | { op: 'remove'; pointer: string }
  | { op: 'rename'; pointer: string; to: string }
  | { op: 'cast'; pointer: string; to: FixCastTarget }
  | { op: 'setType'; eventType: string };

/**
 * A JSON value.
 *
 * @public
 */
export type FixValue =
  | null
  | boolean
  | number
  | string
  | FixValue[]
  | { [name: string]: FixValue };

/** @public */
export type FixCastTarget = 'integer' | 'number' | 'string' | 'boolean';

/**
 * The changes, applied in order; at most 20. An empty list changes nothing: the
 * schema was mended meanwhile.
 *
 * @public
 */
export type Fix = FixOperation[];

/**
 * Which refused events of the type: some by their ids, or all that a filter
 * finds, oldest first, up to {@link MAX_REPLAY_EVENTS}. Only events of the replay
 * state `none`: those that a replay has brought back, or is working on, and those
 * in whose place a newer refusal stands, are left out.
 *
 * @public
 */
export type ReplaySelection = { refusalIds: string[] } | ReplayFilter;

/**
 * Everything given must hold; an empty filter is every refused event of the
 * type.
 *
 * @public
 */
export interface ReplayFilter {
  reason?: string;
  /** A pointer, or the `field` of a group. */
  pointer?: string;
  writeKeyId?: string;
  /** Received first at or after; RFC 3339. */
  since?: string;
  /** Received first before; RFC 3339. */
  until?: string;
}

/**
 * How many events one replay takes at most. More are done by one replay after
 * the other: what is brought back is no longer selected.
 *
 * @public
 */
export const MAX_REPLAY_EVENTS = 10_000;

/**
 * The body of `POST /event-types/:name/replays/preview`.
 *
 * @public
 */
export interface ReplayPreviewRequest {
  selection: ReplaySelection;
  fix: Fix;
  /** How many events to show before and after; 0 to 20. Default 5. */
  samples?: number;
}

/**
 * Why an event cannot be replayed, whatever the fix.
 *
 * - `truncated`: only its beginning was kept.
 * - `unreadable`: what was kept is not one JSON object.
 * - `already-landed`: an event with its source and id lies in a sealed
 *   partition, so the producer itself has sent it again meanwhile.
 * - `same-id`: another refused event with its source and id is brought back, by
 *   this replay or by an earlier one.
 *
 * @public
 */
export type NotReplayableReason =
  | 'truncated'
  | 'unreadable'
  | 'already-landed'
  | 'same-id';

/**
 * What would become of the selection now: nothing is sent.
 *
 * `selected = wouldBeAccepted + wouldBeRefused + notReplayable`.
 *
 * @public
 */
export interface ReplayPreview {
  selected: number;
  /** The filter finds more than one replay takes. */
  hasMore: boolean;
  wouldBeAccepted: number;
  wouldBeRefused: number;
  notReplayable: number;
  /** `wouldBeRefused` by reason and field, most frequent first. */
  refusedBy: { reason: string; field?: string; count: number }[];
  /** `notReplayable` by reason, most frequent first. */
  notReplayableBy: { reason: NotReplayableReason; count: number }[];
  /** Events in which the fix found nothing to change. */
  unchanged: number;
  /** Events without an id of their own; each gets one before it is sent. */
  withoutId: number;
  /** The config snapshot that judged. */
  generation: number;
  /** Some of each outcome, refused ones first. Reading them is audited. */
  samples: ReplayPreviewSample[];
}

/** @public */
export interface ReplayPreviewSample {
  refusalId: string;
  /** JSON text of the event as it was kept. */
  before: string;
  /** JSON text of what would be sent; missing when it cannot be replayed. */
  after?: string;
  outcome:
    | { kind: 'accepted' }
    | { kind: 'refused'; reason: string; pointer?: string; message: string }
    | { kind: 'not-replayable'; reason: NotReplayableReason };
}

/**
 * The body of `POST /event-types/:name/replays`.
 *
 * @public
 */
export interface ReplayRequest {
  selection: ReplaySelection;
  fix: Fix;
  /** Why, for the audit log and for those who look at it later; 3 to 500 characters. */
  reason: string;
}

/**
 * - `waiting`: nothing was sent yet.
 * - `running`: it is being sent.
 * - `sent`: every event has its outcome; some have not landed yet.
 * - `proven`: every accepted event was found in a sealed partition, once.
 * - `failed`: it was given up; `message` says why, and the events that were not
 *   sent can be selected again.
 *
 * @public
 */
export type ReplayState = 'waiting' | 'running' | 'sent' | 'proven' | 'failed';

/**
 * The books of a replay:
 * `selected = waiting + accepted + refusedAgain + notReplayable + notSent` and
 * `accepted = landed + inFlight`.
 *
 * @public
 */
export interface ReplayCounts {
  selected: number;
  /** Not sent yet, or sent without an answer so far. */
  waiting: number;
  /** Those a gateway was asked to take, at least once. */
  sent: number;
  /** Those a gateway accepted. */
  accepted: number;
  /** Those a gateway refused again. */
  refusedAgain: number;
  /** Those that were not sent because they cannot be. */
  notReplayable: number;
  /** Those that were not sent because the replay failed. */
  notSent: number;
  /** Of the accepted ones, those found in a sealed partition. */
  landed: number;
  /**
   * Of the landed ones, those that were found more than once: with one source
   * and id, and different content. Readers see the later copies marked
   * `_id_conflict`.
   */
  duplicates: number;
  /** Accepted, and not in a sealed partition yet. */
  inFlight: number;
}

/** @public */
export interface Replay {
  replayId: string;
  /** The event type the refused events are of. */
  eventType: string;
  state: ReplayState;
  reason: string;
  fix: Fix;
  selection: ReplaySelection;
  /** Entity reference. */
  requestedBy: string;
  requestedAt: string;
  /** When every event had its outcome. */
  finishedAt?: string;
  /** Why it waits or failed, for a person. */
  message?: string;
  counts: ReplayCounts;
}

/**
 * The answer of `GET /event-types/:name/replays`, newest first, at most 100.
 *
 * @public
 */
export interface ReplayList {
  items: Replay[];
}

/**
 * What has become of one event of a replay.
 *
 * - `waiting`: not sent yet, or without an answer so far.
 * - `in-flight`: accepted, and not in a sealed partition yet.
 * - `landed`: in the sealed partition `landed`.
 * - `refused-again`: see `refusal`.
 * - `not-replayable`: see `notReplayable`.
 * - `not-sent`: the replay failed before its turn.
 *
 * @public
 */
export type ReplayEventState =
  | 'waiting'
  | 'in-flight'
  | 'landed'
  | 'refused-again'
  | 'not-replayable'
  | 'not-sent';

/** @public */
export interface ReplayEvent {
  refusalId: string;
  state: ReplayEventState;
  /** The event type it was sent as. */
  eventType?: string;
  eventId?: string;
  /** It had no id, and was given this one. */
  isIdMinted: boolean;
  sentAt?: string;
  /** The receipt of the request in which it was accepted. */
  receipt?: string;
  /** How it was refused again. */
  refusal?: {
    /** The refusal that this made; missing until it is recorded. */
    refusalId?: string;
    reason: string;
    pointer?: string;
    message: string;
  };
  notReplayable?: NotReplayableReason;
  landed?: ReplayLanding;
  /** How often it was found in sealed partitions; 1 is what it should be. */
  copies: number;
}

/**
 * The partition an event was found in.
 *
 * @public
 */
export interface ReplayLanding {
  eventType: string;
  bucketStart: string;
  bucketEnd: string;
  revision: number;
  sealedAt: string;
}

/**
 * The query of `GET /event-types/:name/replays/:replayId`.
 *
 * @public
 */
export interface ReplayQuery {
  /** Only events of this state. */
  state?: ReplayEventState;
  /** 0 to 1,000; 0 asks for the counts alone. Default 100. */
  limit?: number;
  /** The `nextCursor` of the page before. */
  cursor?: string;
}

/**
 * The answer of `GET /event-types/:name/replays/:replayId`.
 *
 * @public
 */
export interface ReplayDetail extends Replay {
  /** A page of its events, in the order they are sent. */
  events: ReplayEvent[];
  /** The `cursor` of the next page; missing on the last one. */
  nextCursor?: string;
}
