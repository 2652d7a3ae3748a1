import type { Condition } from '@millrace/plugin-delivery-common';
import type { ProvisioningProblem } from '../errors';
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
 * The steps from a declaration to data. A step that is not reached says what is
 * missing and what to do about it, in words for the person who declared it.
 */
export function describeConditions(facts: ConditionFacts): Condition[] {
  return [
    {
      type: 'Declared',
      reached: true,
      at: facts.declaredAt,
      message: 'The event type is registered.',
    },
    provisioned(facts),
    receiving(facts),
    delivering(facts),
  ];
}

function provisioned(facts: ConditionFacts): Condition {
  const { milestones, problem, roundFailure } = facts;
  const type = 'Provisioned';
  if (problem) {
    return { type, reached: false, message: problem.message };
  }
  if (milestones?.provisionedAt) {
    return {
      type,
      reached: true,
      at: milestones.provisionedAt.toISOString(),
      message:
        'Its topic and subscription exist, and gateways are told to accept it.',
    };
  }
  return {
    type,
    reached: false,
    message: roundFailure
      ? `Its topic and subscription could not be created yet. ${roundFailure}. It is tried again by itself; the platform team sees the processes on the status page.`
      : 'Its topic and subscription are created within seconds; nothing to do.',
  };
}

function receiving(facts: ConditionFacts): Condition {
  const { milestones, gatewayUrl, refusedAtGateway } = facts;
  const at = milestones?.firstReceivedAt ?? milestones?.firstSealedAt;
  return at
    ? {
        type: 'Receiving',
        reached: true,
        at: at.toISOString(),
        message: 'The first event has arrived.',
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
      };
}

function delivering(facts: ConditionFacts): Condition {
  const { milestones, inFlight, bucketSeconds, objectiveMs, now } = facts;
  const type = 'Delivering';
  if (milestones?.firstSealedAt) {
    return {
      type,
      reached: true,
      at: milestones.firstSealedAt.toISOString(),
      message: 'The first partition with events is sealed.',
    };
  }
  const end = milestones?.waitingBucketEnd;
  if (inFlight === 0 || !end) {
    return {
      type,
      reached: false,
      message:
        'No partition with events is sealed yet; the first follows the first event.',
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
  };
}

function bucketWords(seconds: number): string {
  if (seconds % 3600 === 0) {
    return 'hour';
  }
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
