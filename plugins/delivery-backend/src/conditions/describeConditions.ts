import type { Condition } from '@millrace/plugin-delivery-common';
import type { ProvisioningProblem, ProvisioningProblemCode } from '../errors';
import type { DeliveryMilestones } from '@millrace/ledger';

/** What the conditions of an event type are told from. */
export interface ConditionFacts {
  declaredAt: string;
  milestones?: Omit<DeliveryMilestones, 'eventType'>;
  /** Why the newest reconcile round did not provision it. */
  problem?: ProvisioningProblem;
  /** Why the newest reconcile round could not be finished. */
  roundFailure?: string;
  gatewayUrl: string;
  /** Events that are staged and not sealed yet. */
  inFlight: number;
  /** Events the gateway refused lately. */
  refusedAtGateway: number;
  bucketSeconds: number;
  /** The lateness up to which a partition is on time. */
  objectiveMs: number;
  now: Date;
}

/**
 * The closed list of why a condition is as it is.
 *
 * - `registered`, `provisioned`, `event_received`, `partition_sealed`: reached.
 * - `not_provisioned_yet`, `round_failed` and {@link ProvisioningProblemCode}:
 *   it is not provisioned.
 * - `no_event_yet`: it does not receive.
 * - `nothing_to_seal`, `waiting_for_sealing`: it does not deliver.
 */
export type ConditionReason =
  | 'registered'
  | 'provisioned'
  | 'not_provisioned_yet'
  | 'round_failed'
  | ProvisioningProblemCode
  | 'event_received'
  | 'no_event_yet'
  | 'partition_sealed'
  | 'waiting_for_sealing'
  | 'nothing_to_seal';

/** A condition with its reason, which is always known here. */
export type DescribedCondition = Condition & { reason: ConditionReason };

/**
 * The steps from a declaration to data. A step that is not reached says what is
 * missing and what to do about it, in words for the person who declared it.
 */
export function describeConditions(
  facts: ConditionFacts,
): DescribedCondition[] {
  return [
    {
      type: 'Declared',
      reached: true,
      at: facts.declaredAt,
      reason: 'registered',
      message: 'The event type is registered.',
    },
    provisioned(facts),
    receiving(facts),
    delivering(facts),
  ];
}

function provisioned(facts: ConditionFacts): DescribedCondition {
  const { milestones, problem, roundFailure } = facts;
  const type = 'Provisioned';
  if (problem) {
    return {
      type,
      reached: false,
      message: problem.message,
      reason: problem.code,
    };
  }
  if (milestones?.provisionedAt) {
    return {
      type,
      reached: true,
      at: milestones.provisionedAt.toISOString(),
      message:
        'Its topic and subscription exist, and gateways are told to accept it.',
      reason: 'provisioned',
    };
  }
  return {
    type,
    reached: false,
    message: roundFailure
      ? `Its topic and subscription could not be created yet. ${roundFailure}. It is tried again by itself; the platform team sees the processes on the status page.`
      : 'Its topic and subscription are created within seconds; nothing to do.',
    reason: roundFailure ? 'round_failed' : 'not_provisioned_yet',
  };
}

function receiving(facts: ConditionFacts): DescribedCondition {
  const { milestones, gatewayUrl, refusedAtGateway } = facts;
  const at = milestones?.firstReceivedAt ?? milestones?.firstSealedAt;
  return at
    ? {
        type: 'Receiving',
        reached: true,
        at: at.toISOString(),
        message: 'The first event has arrived.',
        reason: 'event_received',
      }
    : {
        type: 'Receiving',
        reached: false,
        message:
          refusedAtGateway > 0
            ? `${refusedAtGateway} ${
                refusedAtGateway === 1 ? 'event has' : 'events have'
              } arrived and been refused; none was accepted. The Delivery tab shows which field to mend, and can send them again.`
            : `No event has arrived yet. Send one to ${gatewayUrl}/v1/events with a write key of this event type, or a test event from this page.`,
        reason: 'no_event_yet',
      };
}

function delivering(facts: ConditionFacts): DescribedCondition {
  const { milestones, inFlight, bucketSeconds, objectiveMs, now } = facts;
  const type = 'Delivering';
  if (milestones?.firstSealedAt) {
    return {
      type,
      reached: true,
      at: milestones.firstSealedAt.toISOString(),
      message: 'The first partition with events is sealed.',
      reason: 'partition_sealed',
    };
  }
  const end = milestones?.waitingBucketEnd;
  if (inFlight === 0 || !end) {
    return {
      type,
      reached: false,
      message:
        'No partition with events is sealed yet; the first follows the first event.',
      reason: 'nothing_to_seal',
    };
  }
  const by = new Date(end.getTime() + objectiveMs);
  const waiting = `${inFlight} ${
    inFlight === 1 ? 'event waits' : 'events wait'
  } for sealing`;
  return {
    type,
    reached: false,
    expected: { from: end.toISOString(), by: by.toISOString() },
    message:
      now > by
        ? `${waiting}, which is late; the Delivery tab says what it waits for.`
        : `${waiting}; the partition is sealed shortly after its ${bucketWords(
            bucketSeconds,
          )} is over. Nothing to do.`,
    reason: 'waiting_for_sealing',
  };
}

function bucketWords(seconds: number): string {
  if (seconds % 3600 === 0) {
    return 'hour';
  }
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
