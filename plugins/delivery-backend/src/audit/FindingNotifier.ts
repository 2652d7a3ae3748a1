import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import {
  type AuditFindingRecord,
  auditResource,
  claimLease,
  listUntoldFindings,
  markFindingsTold,
  releaseLease,
} from '@millrace/ledger';
import type { Knex } from 'knex';
import { backOffMs } from '../backOff';
import { describeCause } from '../errors';

/*
 * Tells people what the auditor found.
 *
 * New findings become one notification per event type, to its owner and to the
 * platform team. A finding is marked as told after it was sent, under a lease
 * that one backend holds at a time; a crash in between tells it a second time.
 * A second telling is the same notification again, because it has the same
 * scope: being told twice is better than never, and a partition with a thousand
 * findings is still one message.
 */

const LEASE = auditResource('notifications');
const LEASE_MS = 60_000;
const POLL_MS = 5_000;
const BACK_OFF = { minMs: POLL_MS, maxMs: 60_000 };

/** Findings told of in one round; the rest come in the next. */
const MAX_FINDINGS = 500;

/** Where the findings of an event type are shown. */
const FINDINGS_LINK = '/delivery/audit';

/** Options of {@link FindingNotifier}. */
export interface FindingNotifierOptions {
  ledger: Knex;
  notifications: NotificationService;
  logger: LoggerService;
  /** Of this process alone. */
  notifierId: string;
  /** Entity reference of an event type's owner; `undefined` when it is gone. */
  ownersOf: (eventTypes: string[]) => Promise<(string | undefined)[]>;
  /** Entity reference of the platform team. */
  platformTeam?: string;
  random?: () => number;
}

/** The loop that turns findings into notifications. */
export class FindingNotifier {
  readonly #options: FindingNotifierOptions;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: FindingNotifierOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { logger, random = Math.random } = this.#options;
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      let waitMs = POLL_MS;
      try {
        await this.tellOnce();
        failures = 0;
      } catch (error) {
        failures += 1;
        waitMs = backOffMs(failures, random, BACK_OFF);
        logger.warn(
          `Findings of the auditor cannot be told: ${describeCause(error)}`,
        );
      }
      await delay(waitMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Tells what is new. Gives the number of findings. */
  async tellOnce(): Promise<number> {
    const { ledger, notifierId } = this.#options;
    // Asked first: there is nearly never anything to tell.
    if ((await listUntoldFindings(ledger, { limit: 1 })).length === 0) {
      return 0;
    }
    const claimed = await claimLease(ledger, {
      resource: LEASE,
      holder: notifierId,
      leaseMs: LEASE_MS,
    });
    if (!claimed) {
      return 0;
    }
    const lease = { resource: LEASE, fencingToken: claimed.fencingToken };
    try {
      return await this.#tell(lease);
    } finally {
      await releaseLease(ledger, lease).catch(() => {});
    }
  }

  async #tell(lease: {
    resource: string;
    fencingToken: bigint;
  }): Promise<number> {
    const { ledger, ownersOf } = this.#options;
    const untold = await listUntoldFindings(ledger, { limit: MAX_FINDINGS });
    const ofTypes = groupByEventType(untold);
    const owners = await ownersOf([...ofTypes.keys()]);
    let told = 0;
    for (const [index, [eventType, findings]] of [...ofTypes].entries()) {
      await this.#send(eventType, findings, owners[index]);
      told += await markFindingsTold(ledger, {
        ...lease,
        findingIds: findings.map(({ findingId }) => findingId),
      });
    }
    return told;
  }

  async #send(
    eventType: string,
    findings: AuditFindingRecord[],
    owner: string | undefined,
  ): Promise<void> {
    const { notifications, logger, platformTeam } = this.#options;
    const recipients = [owner, platformTeam].filter(ref => ref !== undefined);
    if (recipients.length === 0) {
      logger.error(
        `Nobody can be told of ${findings.length} findings in ${eventType}: it has no owner, and no platform team is configured`,
      );
      return;
    }
    const isCritical = findings.some(({ severity }) => severity === 'critical');
    await notifications.send({
      recipients: { type: 'entity', entityRef: [...new Set(recipients)] },
      payload: {
        title: titleOf(eventType, findings.length),
        description: describe(findings),
        severity: isCritical ? 'critical' : 'normal',
        topic: 'delivery-audit',
        // The same for a finding that is told again after a crash.
        scope: `audit:${findings[0].findingId}`,
        link: `${FINDINGS_LINK}?eventType=${encodeURIComponent(eventType)}`,
      },
    });
  }
}

function titleOf(eventType: string, findings: number): string {
  return findings === 1
    ? `The auditor found something wrong in ${eventType}`
    : `The auditor found ${findings} things wrong in ${eventType}`;
}

/** The first one in words, and how many of which kind. */
function describe(findings: AuditFindingRecord[]): string {
  const counts = new Map<string, number>();
  for (const { code } of findings) {
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const kinds = [...counts].map(([code, count]) => `${count} × ${code}`);
  const [{ message }] = findings;
  return findings.length === 1 ? message : `${message}. ${kinds.join(', ')}`;
}

function groupByEventType(
  findings: AuditFindingRecord[],
): Map<string, AuditFindingRecord[]> {
  const groups = new Map<string, AuditFindingRecord[]>();
  for (const finding of findings) {
    const group = groups.get(finding.eventType);
    if (group) {
      group.push(finding);
    } else {
      groups.set(finding.eventType, [finding]);
    }
  }
  return groups;
}
