/*
 * A replay brings refused events back. Its states:
 *
 *   waiting → running → sent → proven
 *                  └──→ failed
 *
 * and those of each of its events:
 *
 *   waiting → sending → accepted (→ found in a partition)
 *      │         ├────→ refused
 *      │         └────→ waiting, when no gateway took it
 *      ├────→ not-replayable
 *      └────→ not-sent, when the replay failed
 *
 * What is `sending` may have been accepted: it is sent again, as the same event
 * with the same id and content, until there is an answer.
 */

/** @public */
export type ReplayRecordState =
  | 'waiting'
  | 'running'
  | 'sent'
  | 'proven'
  | 'failed';

/** @public */
export type ReplayEventRecordState =
  | 'waiting'
  | 'sending'
  | 'accepted'
  | 'refused'
  | 'not-replayable'
  | 'not-sent';

/** @public */
export interface ReplayRecordCounts {
  selected: number;
  /** Waiting and sending. */
  waiting: number;
  /** Sent at least once. */
  sent: number;
  accepted: number;
  refused: number;
  notReplayable: number;
  notSent: number;
  landed: number;
  /** Landed more than once. */
  duplicates: number;
}

/** @public */
export interface ReplayRecord {
  replayId: string;
  eventType: string;
  state: ReplayRecordState;
  reason: string;
  /** As it was given to {@link createReplay}. */
  selection: unknown;
  fix: unknown;
  requestedBy: string;
  requestedAt: Date;
  finishedAt?: Date;
  message?: string;
  counts: ReplayRecordCounts;
}

/** The lease under which a replay is worked on. */
export function replayResource(replayId: string): string {
  return `replay:${replayId}`;
}
