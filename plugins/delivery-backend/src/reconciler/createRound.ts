import type { LoggerService } from '@backstage/backend-plugin-api';
import { readInstallation, readLedgerTime } from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { ConditionKeeper } from '../conditions';
import { describeCause, RoundError } from '../errors';
import type { BrokerResources, Labels } from './brokerResources';
import { collectOrphans, repairDrift } from './drift';
import {
  type CreatedResources,
  reconcile,
  type ReconcileOptions,
  type RoundResult,
} from './reconcile';
import {
  advanceRemovals,
  type AdvanceRemovalsOptions,
  type BrokerThing,
  markOf,
  markOldResources,
} from './removal';

/** Options of {@link createRound}. */
export interface RoundOptions
  extends Omit<ReconcileOptions, 'labels' | 'onLooked'>,
    Pick<AdvanceRemovalsOptions, 'archive' | 'onRemoved'> {
  /** Keeps since when conditions hold. */
  conditions?: Pick<ConditionKeeper, 'keep'>;
  /** Keeps what was rolled out. */
  rollouts?: { keep(declared: EventType[]): Promise<void> };
  /** How long an orphan at the broker is only listed; ms. */
  orphanGraceMs: number;
  /** Told of every orphan that was deleted. */
  onOrphanDeleted?: (orphan: BrokerThing) => Promise<void>;
  logger: LoggerService;
}

/** What a round knows when what is declared has been published. */
interface Reconciled {
  declared: EventType[];
  existing: BrokerResources;
  created: CreatedResources[];
  /** By the ledger's clock. */
  roundBeganAt: Date;
  mark: Labels;
  result: RoundResult;
}

/**
 * A round of the reconciler: what is declared is made real, which is
 * {@link reconcile}, and then whatever else there is to do about it. Of the
 * latter nothing may keep the former from happening, nor each other: what fails
 * is told once and tried again in the next round.
 */
export function createRound(options: RoundOptions): () => Promise<RoundResult> {
  const { ledger, pubsub, logger, archive, onRemoved } = options;
  const told = new Map<string, string>();
  let mark: Labels | undefined;

  const followUps: {
    [what: string]: (reconciled: Reconciled) => Promise<void>;
  } = {
    'Marking topics and subscriptions': async ({ existing, ...round }) =>
      await markOldResources({
        ledger,
        pubsub,
        mark: round.mark,
        existing,
      }),
    'Keeping the history of rollouts': async ({ declared }) =>
      await options.rollouts?.keep(declared),
    'Keeping conditions': async ({ declared, result }) =>
      await options.conditions?.keep({ declared, ...result }),
    'Taking down event types': async ({ declared, ...round }) =>
      await advanceRemovals({
        declared,
        ledger,
        pubsub,
        mark: round.mark,
        archive,
        onRemoved,
      }),
    'Repairing what was changed at the broker': async ({ result, ...round }) =>
      await repairDrift({
        ...round,
        ledger,
        pubsub,
        declared: round.declared.filter(
          ({ name }) => !result.problems.has(name),
        ),
      }),
    'Looking for orphans at the broker': async ({ declared, ...round }) =>
      await collectOrphans({
        ledger,
        pubsub,
        mark: round.mark,
        declared,
        existing: round.existing,
        graceMs: options.orphanGraceMs,
        onDeleted: options.onOrphanDeleted,
      }),
  };

  async function follow(reconciled: Reconciled): Promise<void> {
    for (const [what, run] of Object.entries(followUps)) {
      try {
        await run(reconciled);
        told.delete(what);
      } catch (error) {
        const message = describeCause(error);
        if (told.get(what) !== message) {
          logger.warn(`${what} failed and is tried again: ${message}`);
          told.set(what, message);
        }
      }
    }
  }

  return async () => {
    const roundBeganAt = await fromLedger(() => readLedgerTime(ledger));
    mark ??= markOf(await fromLedger(() => readInstallation(ledger)));
    const created: CreatedResources[] = [];
    let declared: EventType[] = [];
    let existing: BrokerResources | undefined;
    const result = await reconcile({
      ...options,
      labels: mark,
      listEventTypes: async () => {
        declared = await options.listEventTypes();
        return declared;
      },
      onLooked: found => {
        existing = found;
      },
      onCreated: async one => {
        created.push(one);
        await options.onCreated?.(one);
      },
    });
    if (existing) {
      await follow({ declared, existing, created, roundBeganAt, mark, result });
    }
    return result;
  };

  async function fromLedger<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw new RoundError('ledger_unavailable', error);
    }
  }
}
