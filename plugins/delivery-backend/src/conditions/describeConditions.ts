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
  bucketSeconds: number;
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
  const { milestones, gatewayUrl } = facts;
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
        message: `No event has arrived yet. Send one to ${gatewayUrl}/v1/events with a write key of this event type; events that do not fit the schema are listed as refused.`,
      };
}

function delivering(facts: ConditionFacts): Condition {
  const { milestones, inFlight, bucketSeconds } = facts;
  const type = 'Delivering';
  if (milestones?.firstSealedAt) {
    return {
      type,
      reached: true,
      at: milestones.firstSealedAt.toISOString(),
      message: 'The first partition with events is sealed.',
    };
  }
  return {
    type,
    reached: false,
    message:
      inFlight > 0
        ? `${inFlight} ${
            inFlight === 1 ? 'event waits' : 'events wait'
          } for sealing; the partition is sealed shortly after its ${bucketWords(
            bucketSeconds,
          )} is over. Nothing to do.`
        : 'No partition with events is sealed yet; the first follows the first event.',
  };
}

function bucketWords(seconds: number): string {
  if (seconds % 3600 === 0) {
    return 'hour';
  }
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
