import { Bucket } from '@millrace/schema';
import {
  ClosingInputsOfGateway,
  ForcedClosing,
  MissingEvents,
} from '@millrace/ledger';

/** What the broker says about one subscription. */
export interface BacklogReading {
  /** When the broker measured it, not when we asked. */
  measuredAt: Date;
  /** Whole seconds, rounded down; 0 when nothing is unacknowledged. */
  oldestUnackedAgeSeconds: number;
  /** Messages that are published and not acknowledged. */
  undelivered: number;
}

/**
 * Asks the broker about the subscription of an event type, or the one of its
 * refused events; `undefined` when it cannot say.
 */
export type BacklogProbe = (
  eventType: string,
  kind?: 'events' | 'refused',
) => Promise<BacklogReading | undefined>;

/** Everything known about a bucket that might be closed. */
export interface ClosingQuestion {
  bucket: Bucket;
  now: Date;
  /** The clock of the ledger, in which leases are written. */
  readAt?: Date;
  gateways: ClosingInputsOfGateway[];
  /** An order to close the bucket whatever is missing. */
  forced?: ForcedClosing;
}

export type BlockedReasonCode =
  /** A declared batch is not staged yet. */
  | 'batches_missing'
  /** A gateway that is alive has not declared the bucket yet. */
  | 'gateway_not_declared'
  /** A gateway died without declaring, and the broker's backlog is not known. */
  | 'backlog_unknown'
  /** … and the backlog was measured before the gateway's lease had expired. */
  | 'backlog_stale'
  /** … and messages from before that are still unacknowledged. */
  | 'backlog_not_passed';

export interface BlockedReason {
  code: BlockedReasonCode;
  gateway?: string;
  epoch?: string;
  message: string;
}

export type ClosingRule =
  /** Every gateway that was alive has said what it published, and it is staged. */
  | 'every-gateway-declared'
  /** Some died before saying so; nothing they published is still on its way. */
  | 'backlog-passed'
  /** Something is missing, and a person has said that it is not waited for. */
  | 'forced';

/** Why a bucket was closed that the rules would have kept open. */
export interface ForcedDecision {
  reason: string;
  /** Entity reference of the person. */
  requestedBy: string;
  requestedAt: string;
  /** The rule that was overruled, and why it would have waited. */
  overruled: { rule: ClosingRule; reasons: BlockedReason[] };
  /** What was missing when the bucket was closed. */
  missing: MissingEvents;
}

/** Stored as it is in the ledger and in the manifest, and shown in the portal. */
export interface ClosingDecision {
  rule: ClosingRule;
  verdict: 'closed' | 'blocked';
  /** Empty when closed. */
  reasons: BlockedReason[];
  inputs: {
    decidedAt: string;
    gateways: ClosingInputsOfGateway[];
    backlog?: BacklogReading;
    /** Present when the rule is `forced`. */
    forced?: ForcedDecision;
  };
}
