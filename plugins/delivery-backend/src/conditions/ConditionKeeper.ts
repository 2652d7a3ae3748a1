import { readMilestones, recordConditions } from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { LatenessObjectivesMs } from '@millrace/schema';
import type { ProvisioningProblem } from '../errors';
import { describeConditions } from './describeConditions';

/**
 * While nothing is published and no problem comes or goes, what may change are
 * milestones, and the ledger knows by itself when those were reached.
 */
const QUIET_INTERVAL_MS = 30_000;

/** What a round found out. */
export interface RoundFindings {
  declared: Pick<EventType, 'name' | 'createdAt' | 'tier'>[];
  /** A new config was published. */
  changed: boolean;
  problems: ReadonlyMap<string, ProvisioningProblem>;
}

/** Options of {@link ConditionKeeper}. */
export interface ConditionKeeperOptions {
  ledger: Knex;
  gatewayUrl: string;
  bucketSeconds: number;
  latenessObjectivesMs: LatenessObjectivesMs;
  now: () => Date;
  /** Default `performance.now`. */
  monotonicMs?: () => number;
}

/**
 * Keeps since when the conditions of event types hold.
 *
 * Guarantees: what is kept is what a finished round found; a condition that stays
 * as it is keeps its time, across restarts and however many instances look; one
 * that comes and goes between two looks may be missed. Two statements a look,
 * and rows are written only for what has changed.
 */
export class ConditionKeeper {
  readonly #options: ConditionKeeperOptions;
  #lookedAt = -Infinity;
  #problems = '';

  constructor(options: ConditionKeeperOptions) {
    this.#options = options;
  }

  async keep(findings: RoundFindings): Promise<void> {
    const { declared, changed, problems } = findings;
    const { ledger, gatewayUrl, bucketSeconds, latenessObjectivesMs } =
      this.#options;
    const lookedAt = this.#monotonicMs();
    const seen = JSON.stringify(
      [...problems].map(([name, { code }]) => [name, code]).sort(),
    );
    if (
      !changed &&
      seen === this.#problems &&
      lookedAt - this.#lookedAt < QUIET_INTERVAL_MS
    ) {
      return;
    }
    const eventTypes = declared.map(({ name }) => name);
    const milestones = new Map(
      (await readMilestones(ledger, { eventTypes })).map(row => [
        row.eventType,
        row,
      ]),
    );
    await recordConditions(
      ledger,
      declared.flatMap(({ name, createdAt, tier }) => {
        const reached = milestones.get(name);
        return describeConditions({
          declaredAt: createdAt,
          milestones: reached,
          problem: problems.get(name),
          gatewayUrl,
          // Whether it waits, not how much: that changes at every look.
          inFlight: reached?.firstReceivedAt ? 1 : 0,
          refusedAtGateway: 0,
          bucketSeconds,
          objectiveMs: latenessObjectivesMs[tier],
          now: this.#options.now(),
        }).map(({ type, reached: status, reason, message, at }) => ({
          eventType: name,
          condition: type,
          status,
          reason,
          message,
          // The first provisioning is no news of one that was repaired since.
          at: at && type !== 'Provisioned' ? new Date(at) : undefined,
        }));
      }),
    );
    this.#lookedAt = lookedAt;
    this.#problems = seen;
  }

  #monotonicMs(): number {
    const { monotonicMs = () => performance.now() } = this.#options;
    return monotonicMs();
  }
}
