import { bucketEnd } from '@millrace/schema';
import { ClosingInputsOfGateway, missingFrom } from '@millrace/ledger';
import {
  BacklogReading,
  BlockedReason,
  ClosingDecision,
  ClosingQuestion,
  ClosingRule,
} from './types';

const MS_PER_SECOND = 1000;

/**
 * Decides whether a bucket may be closed: whether everything that was accepted
 * for it is staged.
 *
 * The rule, for each life of a gateway that was alive in the bucket:
 * - It has declared the bucket: every batch it declared must be staged.
 * - It has not, and its lease has not expired: the bucket stays open. It will
 *   declare, or it will die.
 * - It has not, and its lease has expired (or it has ended): whatever it
 *   published, it published before that instant. The bucket closes once the
 *   broker, measured after that instant, has no unacknowledged message from
 *   before it: acknowledged means staged. Gaps in the numbers of such a gateway
 *   are batches that never reached the broker, hence were never accepted.
 * - Nobody is known to have been alive, but batches landed here: as for a
 *   gateway that died at the end of the bucket.
 *
 * An unknown or stale measure blocks. So does a lease that has not expired by
 * both clocks, ours and the ledger's: one that has run ahead must not declare
 * gateways dead.
 *
 * A person may order a bucket to be closed all the same. That changes nothing
 * when the rule would close it anyway; else the order, what it overruled and
 * what was missing become part of the decision.
 *
 * The function is pure; the answer carries all it was made from.
 */
export function decideClosing(
  question: ClosingQuestion,
  backlog: BacklogReading | undefined,
): ClosingDecision {
  const { gateways, now, forced } = question;
  const silent = gateways.filter(gateway => !gateway.declared);
  const needsBacklog = silent.length > 0 || gateways.length === 0;
  const undecided = silent.filter(gateway => isAlive(gateway, question));
  const reasons = [
    ...gateways.flatMap(findMissingBatches),
    ...undecided.map(notDeclared),
    ...(needsBacklog && undecided.length === 0
      ? findBacklog(question, silent, backlog)
      : []),
  ];
  const rule: ClosingRule = needsBacklog
    ? 'backlog-passed'
    : 'every-gateway-declared';
  const inputs = {
    decidedAt: now.toISOString(),
    gateways,
    ...(needsBacklog && backlog ? { backlog } : {}),
  };
  if (reasons.length > 0 && forced) {
    const { reason, requestedBy, requestedAt } = forced;
    return {
      rule: 'forced',
      verdict: 'closed',
      reasons: [],
      inputs: {
        ...inputs,
        forced: {
          reason,
          requestedBy,
          requestedAt: requestedAt.toISOString(),
          overruled: { rule, reasons },
          missing: missingFrom(gateways),
        },
      },
    };
  }
  return {
    rule,
    verdict: reasons.length === 0 ? 'closed' : 'blocked',
    reasons,
    inputs,
  };
}

/**
 * Whether the answer can depend on the backlog. When not, the broker need not
 * be asked.
 */
export function dependsOnBacklog(question: ClosingQuestion): boolean {
  const { gateways } = question;
  const silent = gateways.filter(gateway => !gateway.declared);
  return (
    gateways.length === 0 ||
    (silent.length > 0 && !silent.some(gateway => isAlive(gateway, question)))
  );
}

/** The instant after which this life of a gateway published nothing. */
function lifeEnd(gateway: ClosingInputsOfGateway): Date {
  return gateway.endedAt ?? gateway.leaseExpiresAt;
}

function isAlive(
  gateway: ClosingInputsOfGateway,
  { now, readAt = now }: ClosingQuestion,
): boolean {
  const end = lifeEnd(gateway);
  return end >= now || end >= readAt;
}

function findMissingBatches(gateway: ClosingInputsOfGateway): BlockedReason[] {
  const { missingBatches } = gateway;
  return gateway.declared && missingBatches.length > 0
    ? [
        {
          ...nameOf(gateway),
          code: 'batches_missing',
          message: `${describe(gateway)} declared ${
            gateway.lastBatch
          } batches; ${
            missingBatches.length
          } are not staged yet, the first is ${missingBatches[0]}`,
        },
      ]
    : [];
}

function notDeclared(gateway: ClosingInputsOfGateway): BlockedReason {
  return {
    ...nameOf(gateway),
    code: 'gateway_not_declared',
    message: `${describe(gateway)} is alive and has not declared the bucket`,
  };
}

function findBacklog(
  question: ClosingQuestion,
  silent: ClosingInputsOfGateway[],
  backlog: BacklogReading | undefined,
): BlockedReason[] {
  // Batches of the bucket may be published after its end, up to the last
  // instant of the gateway that filled it.
  const passed = Math.max(
    bucketEnd(question.bucket).getTime(),
    ...silent.map(gateway => lifeEnd(gateway).getTime()),
  );
  const instant = new Date(passed).toISOString();
  if (!backlog) {
    return [
      {
        code: 'backlog_unknown',
        message: `The broker's backlog is not known; it must have passed ${instant}`,
      },
    ];
  }
  if (backlog.measuredAt.getTime() <= passed) {
    return [
      {
        code: 'backlog_stale',
        message: `The broker's backlog was measured before ${instant}`,
      },
    ];
  }
  if (!hasPassed(backlog, passed)) {
    return [
      {
        code: 'backlog_not_passed',
        message: `The broker has unacknowledged messages from before ${instant}`,
      },
    ];
  }
  return [];
}

/** Whether no message published up to the instant is unacknowledged. */
function hasPassed(backlog: BacklogReading, instant: number): boolean {
  if (backlog.undelivered === 0 && backlog.oldestUnackedAgeSeconds === 0) {
    return true;
  }
  // The age is cut to whole seconds, so the message may be almost one older.
  const oldestPublishedAt =
    backlog.measuredAt.getTime() -
    (backlog.oldestUnackedAgeSeconds + 1) * MS_PER_SECOND;
  return oldestPublishedAt > instant;
}

function nameOf(gateway: ClosingInputsOfGateway) {
  return { gateway: gateway.gateway, epoch: gateway.epoch };
}

function describe(gateway: ClosingInputsOfGateway): string {
  return `Gateway ${gateway.gateway} (epoch ${gateway.epoch})`;
}
