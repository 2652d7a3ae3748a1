import {
  type ConditionRecord,
  type DeliveryMilestones,
  type DeliverySummary,
  listConditions,
  listDriftRepairs,
  readMilestones,
  summarizeDelivery,
  summarizeTiers,
} from '@millrace/ledger';
import type {
  DeliveryOverviewRow,
  TierAttainment,
} from '@millrace/plugin-delivery-common';
import type { LatenessObjectivesMs } from '@millrace/schema';
import type { Knex } from 'knex';
import { describeConditions } from '../conditions';
import type { DeclaredEventType } from '../eventTypes';
import { toPartitionSummary } from '../partitions';
import type { Reconciler } from '../reconciler';

const SINCE_MS = 24 * 60 * 60 * 1000;
const RECENT_PARTITIONS = 30;
/** For so long a repair is worth telling on the page of the event type. */
const REPAIR_TOLD_MS = 7 * SINCE_MS;

/** Options of {@link OverviewReader}. */
export interface OverviewReaderOptions {
  ledger: Knex;
  reconciler: Reconciler;
  gatewayUrl: string;
  bucketSeconds: number;
  latenessObjectivesMs: LatenessObjectivesMs;
  now: () => Date;
}

/**
 * How given event types are delivered, from one set of statements whatever
 * their number. A type the ledger has not heard of gets a row of zeros.
 */
export class OverviewReader {
  readonly #options: OverviewReaderOptions;

  constructor(options: OverviewReaderOptions) {
    this.#options = options;
  }

  async read(declared: DeclaredEventType[]): Promise<DeliveryOverviewRow[]> {
    if (declared.length === 0) {
      return [];
    }
    const { ledger, now } = this.#options;
    const eventTypes = declared.map(({ name }) => name);
    const [summaries, milestones, kept] = await Promise.all([
      summarizeDelivery(ledger, {
        eventTypes,
        since: new Date(now().getTime() - SINCE_MS),
        recent: RECENT_PARTITIONS,
      }),
      readMilestones(ledger, { eventTypes }),
      listConditions(ledger, { eventTypes }),
    ]);
    const summaryOf = new Map(summaries.map(row => [row.eventType, row]));
    const milestonesOf = new Map(milestones.map(row => [row.eventType, row]));
    const keptOf = new Map(
      kept.map(record => [keyOf(record.eventType, record.condition), record]),
    );
    return declared.map(eventType =>
      this.#toRow(
        eventType,
        keptOf,
        summaryOf.get(eventType.name),
        milestonesOf.get(eventType.name),
      ),
    );
  }

  /** The same for one, with what was put back at the broker lately. */
  async readOne(declared: DeclaredEventType): Promise<DeliveryOverviewRow> {
    const { ledger, now } = this.#options;
    const [[row], [repair]] = await Promise.all([
      this.read([declared]),
      listDriftRepairs(ledger, {
        eventType: declared.name,
        since: new Date(now().getTime() - REPAIR_TOLD_MS),
        limit: 1,
      }),
    ]);
    const repaired = repair && {
      at: repair.repairedAt.toISOString(),
      message: repair.message,
    };
    return {
      ...row,
      conditions: row.conditions.map(condition =>
        condition.type === 'Provisioned' && repaired
          ? { ...condition, repaired }
          : condition,
      ),
    };
  }

  /** How well the tiers of given event types keep their objectives. */
  async readTiers(declared: DeclaredEventType[]): Promise<TierAttainment[]> {
    const { ledger, now, latenessObjectivesMs } = this.#options;
    const tiers = await summarizeTiers(ledger, {
      eventTypes: declared.map(({ name }) => name),
      since: new Date(now().getTime() - SINCE_MS),
      objectivesMs: latenessObjectivesMs,
    });
    return tiers.map(summary => {
      const judged = summary.sealed + summary.overdue;
      return {
        ...summary,
        objectiveMs: latenessObjectivesMs[summary.tier],
        attainment: judged === 0 ? undefined : summary.onTime / judged,
      };
    });
  }

  #toRow(
    { name, owner, tier, createdAt }: DeclaredEventType,
    kept: Map<string, ConditionRecord>,
    summary: DeliverySummary | undefined,
    milestones: DeliveryMilestones | undefined,
  ): DeliveryOverviewRow {
    const { reconciler, gatewayUrl, bucketSeconds, latenessObjectivesMs, now } =
      this.#options;
    const inFlight = summary?.inFlight ?? 0;
    return {
      eventType: name,
      owner,
      tier,
      objectiveMs: latenessObjectivesMs[tier],
      conditions: describeConditions({
        declaredAt: createdAt,
        milestones,
        problem: reconciler.problemOf(name),
        roundFailure: reconciler.status().message,
        gatewayUrl,
        inFlight,
        refusedAtGateway: summary?.refusedAtGateway ?? 0,
        bucketSeconds,
        objectiveMs: latenessObjectivesMs[tier],
        now: now(),
      }).map(condition => {
        const record = kept.get(keyOf(name, condition.type));
        // What was kept may be older than what is told now.
        return record?.status === condition.reached
          ? {
              ...condition,
              lastTransitionTime: record.lastTransitionAt.toISOString(),
            }
          : condition;
      }),
      recent: summary?.recent.map(toPartitionSummary) ?? [],
      last24h: {
        accepted: summary?.accepted ?? 0,
        delivered: summary?.delivered ?? 0,
        duplicates: summary?.duplicates ?? 0,
        refusedAtSealing: summary?.refusedAtSealing ?? 0,
        refusedAtGateway: summary?.refusedAtGateway ?? 0,
        skewed: summary?.skewed ?? 0,
      },
      inFlight,
      lateness: summary?.lateness,
      lastReceivedAt: summary?.lastReceivedAt?.toISOString(),
    };
  }
}

function keyOf(eventType: string, condition: string): string {
  return `${condition}/${eventType}`;
}
