import type { RevisionKind, RevisionState } from './revisions';

/**
 * Everything that can need a person. What each means and what to do is in the
 * operations manual.
 *
 * @public
 */
export const attentionCodes = [
  'no_worker',
  'no_gateway',
  'process_ended',
  'worker_lost',
  'gateway_lost',
  'config_behind',
  'declarations_not_carried_out',
  'not_consumed',
  'bucket_waiting',
  'bucket_unseen',
  'sealing_slow',
  'backlog_old',
  'poison',
  'audit_findings',
  'revision_failed',
  'revision_undecided',
] as const;

/** @public */
export type AttentionCode = (typeof attentionCodes)[number];

/**
 * - `critical`: data is late, missing or not taken.
 * - `warning`: it will be, or something is left lying.
 * - `decision`: nothing is wrong; somebody has to say yes or no.
 *
 * @public
 */
export type AttentionUrgency = 'critical' | 'warning' | 'decision';

/**
 * One line of what needs a person. It holds no value of an event.
 *
 * @public
 */
export interface AttentionLine {
  code: AttentionCode;
  urgency: AttentionUrgency;
  /** A sentence without its full stop. */
  what: string;
  why?: string;
  /** RFC 3339, UTC. */
  since?: string;
  /** How many things the line stands for. */
  count: number;
  eventType?: string;
  /** Of buckets: the oldest. */
  bucketStart?: string;
  bucketEnd?: string;
  operationId?: string;
}

/**
 * How one event type stands: who consumes it, and what waits where.
 *
 * @public
 */
export interface EventTypeStanding {
  eventType: string;
  tier: 'critical' | 'normal' | 'low';
  /**
   * - `consumed`: a worker takes its messages.
   * - `draining`: it left the config; what is left is taken.
   * - `orphaned`: its worker is gone; another one takes over within seconds.
   * - `unclaimed`: no worker has it.
   */
  consumption: 'consumed' | 'draining' | 'orphaned' | 'unclaimed';
  /** Who has it, since when, and until when if the lease is not renewed. */
  consumer?: { worker: string; since: string; until: string };
  /** Events that are staged and in no sealed partition. */
  staged: number;
  /** Of these, events of buckets that are over. */
  due: number;
  /** Since the end of the oldest bucket that is over and not sealed. */
  dueAgeMs?: number;
  /** Buckets that are over and may not be closed. */
  waitingBuckets: number;
  /** Of these, batches that gateways declared and that are not staged. */
  missingBatches: number;
  /** What the broker said when a sealer last asked; missing when none has. */
  broker?: {
    undelivered: number;
    oldestUnackedAgeSeconds: number;
    measuredAt: string;
    /** Older than what may be relied upon. */
    isStale: boolean;
  };
}

/**
 * A bucket that is over and waits.
 *
 * @public
 */
export interface WaitingBucketLine {
  eventType: string;
  bucketStart: string;
  bucketEnd: string;
  waitingSince: string;
  decidedAt: string;
  /** Workers decide every few seconds; this one has not for a minute. */
  isStale: boolean;
  /** Later than the objective of its tier already. */
  isOverdue: boolean;
  isForced: boolean;
  reasons: { code: string; message: string }[];
}

/**
 * A partition that is being sealed.
 *
 * @public
 */
export interface SealingLine {
  eventType: string;
  bucketStart: string;
  bucketEnd: string;
  revision: number;
  beganAt: string;
  /** Its files are being made, or they are on their way into the lake. */
  step: 'making' | 'publishing';
  stepSince: string;
  /** Who is at it; missing while it waits for the next try. */
  worker?: string;
}

/**
 * A message that is set aside.
 *
 * @public
 */
export interface PoisonLine {
  poisonId: string;
  /** Missing where events of unknown types come. */
  eventType?: string;
  messageId: string;
  reason: string;
  message: string;
  attempts: number;
  bytes: number;
  recordedAt: string;
  /** While it is to be tried again. */
  retryRequestedAt?: string;
  /** Whether the caller may have it tried again. */
  mayRetry: boolean;
}

/**
 * A partition that was sealed later than its tier allows.
 *
 * @public
 */
export interface LatePartitionLine {
  eventType: string;
  bucketStart: string;
  bucketEnd: string;
  sealedAt: string;
  latenessMs: number;
  objectiveMs: number;
}

/**
 * A gateway or a worker, as it reports itself.
 *
 * @public
 */
export interface ProcessLine {
  role: 'gateway' | 'worker';
  name: string;
  startedAt: string;
  heartbeatAt: string;
  /** `ended` said goodbye; `lost` did not. */
  state: 'alive' | 'ended' | 'lost';
  generation?: number;
  /** It runs an older config than the newest, for longer than that takes. */
  isBehind: boolean;
  /** Of a worker: how many event types it consumes. */
  eventTypes?: number;
  /** Of these, those that left the config and are being drained. */
  draining?: number;
  /** Of a worker: until when it holds them, if it does not renew. */
  leaseUntil?: string;
}

/** The first of a list, and how many there are. @public */
export interface CountedList<T> {
  items: T[];
  total: number;
}

/**
 * The answer of `GET /operations`: how delivery stands, for who runs it, about
 * the event types the caller may see.
 *
 * @public
 */
export interface DeliveryOperations {
  /** By the ledger's clock, as are all times but those of gateways. */
  readAt: string;
  /** The newest config snapshot; missing until there is one. */
  generation?: number;
  /** Most urgent first, and then what is so for longest. */
  attention: CountedList<AttentionLine>;
  /** Most in need of a look first; `search offset limit` of the query. */
  eventTypes: CountedList<EventTypeStanding>;
  processes: ProcessLine[];
  /** Oldest first. */
  waiting: CountedList<WaitingBucketLine>;
  sealing: CountedList<SealingLine>;
  /** Of event types whose messages the caller may see. */
  poison: CountedList<PoisonLine> & {
    /** Whose messages are told: of all types, of one's own, or of none. */
    scope: 'all' | 'own' | 'none';
  };
  /** Sealed late in the last 24 hours, newest first. */
  late: CountedList<LatePartitionLine>;
  /** Open, and those that ended lately, newest first. */
  revisions: RevisionSummary[];
  auditFindings: { critical: number; warnings: number };
}

/**
 * An operation in a list of several event types.
 *
 * @public
 */
export interface RevisionSummary {
  operationId: string;
  eventType: string;
  kind: RevisionKind;
  state: RevisionState;
  /** How many buckets were asked for, and the oldest of them. */
  buckets: number;
  firstBucket: string;
  requestedBy: string;
  requestedAt: string;
  approvedBy?: string;
  reason?: string;
  progress?: { step: string; done: number; total: number };
  problem?: { code: string; message: string };
  finishedAt?: string;
}
