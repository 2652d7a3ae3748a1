import type { PubSub } from '@google-cloud/pubsub';
import {
  beginRemoval,
  finishRemovalStep,
  listOpenRemovals,
  noteRemovalGeneration,
  noteRemovalWaiting,
  type OpenRemoval,
  type RemovalStep,
} from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { describeCause } from '../../errors';
import type { Labels } from '../brokerResources';
import { decideRemoval } from './decideRemoval';
import { type BrokerThing, deleteMarked, resourcesOf } from './deleteResources';

/** What became of something of an event type that is taken down. */
export interface RemovedResource extends BrokerThing {
  eventType: string;
  /** `foreign` does not carry our mark and is still there. */
  outcome: 'deleted' | 'foreign';
}

/** Options of {@link advanceRemovals}. */
export interface AdvanceRemovalsOptions {
  /** The event types as the registry has them now. */
  declared: Pick<EventType, 'name' | 'withdrawal'>[];
  ledger: Knex;
  pubsub: PubSub;
  /** The mark of this installation. */
  mark: Labels;
  /** Has the registry put an event type away; idempotent. */
  archive: (eventType: string) => Promise<void>;
  /** Told of everything that was deleted, or left alone. */
  onRemoved?: (removed: RemovedResource) => Promise<void>;
  /** Called after everything that has an effect; a test breaks off there. */
  afterEffect?: (eventType: string, effect: string) => Promise<void>;
}

/**
 * Takes down the event types whose grace period is over, as far as it goes now.
 *
 *     gateways ──▶ draining ──▶ sealing ──▶ resources ──▶ archiving
 *
 * A step begins when the facts say that the one before is done, and never by the
 * passing of time: no gateway can accept it any more (`gateways`), nothing is
 * left on its subscriptions (`draining`), everything staged is in sealed
 * partitions (`sealing`); then its topics and subscriptions go, and the registry
 * puts it away.
 *
 * Guarantees:
 * - Nothing that was accepted is lost: a subscription is deleted only after its
 *   last event has been sealed.
 * - It may break off anywhere. What is noted in the ledger is what has been
 *   done; what was done and not noted is found done. So the end is the same
 *   however often it is begun anew, and by however many at a time.
 * - What does not carry our mark is never deleted.
 * - One that cannot go on holds up no other.
 *
 * After a crash: before `resources`, everything is as it was and nobody accepts
 * it; within, some of the four are gone; after, only the registry still has it.
 *
 * @throws when the ledger cannot be read
 */
export async function advanceRemovals(
  options: AdvanceRemovalsOptions,
): Promise<void> {
  const { declared, ledger } = options;
  for (const { name, withdrawal } of declared) {
    if (withdrawal?.removalBeganAt !== undefined) {
      await beginRemoval(ledger, {
        eventType: name,
        requestedBy: withdrawal.by,
        reason: withdrawal.reason,
      });
      await options.afterEffect?.(name, 'begun');
    }
  }
  for (const removal of await listOpenRemovals(ledger)) {
    try {
      await advance(removal, options);
    } catch (error) {
      await noteRemovalWaiting(ledger, {
        eventType: removal.eventType,
        code: 'step_failed',
        message: `${describeCause(error)}. It is tried again by itself.`,
      });
    }
  }
}

async function advance(
  removal: OpenRemoval,
  options: AdvanceRemovalsOptions,
): Promise<void> {
  const { ledger, afterEffect } = options;
  const { eventType } = removal;
  let now = removal;
  for (;;) {
    const decision = decideRemoval(now);
    switch (decision.action) {
      case 'wait':
        await noteRemovalWaiting(ledger, { eventType, ...decision.waiting });
        return;
      case 'note-generation':
        await noteRemovalGeneration(ledger, { eventType });
        break;
      case 'finish':
        await perform(decision.step, eventType, options);
        await finishRemovalStep(ledger, { eventType, step: decision.step });
        break;
      default:
        return;
    }
    await afterEffect?.(eventType, stepOf(decision));
    const [next] = await listOpenRemovals(ledger, { eventType });
    if (!next || isSame(now, next)) {
      return;
    }
    now = next;
  }
}

/** What a step does; most are only waited for. */
async function perform(
  step: RemovalStep,
  eventType: string,
  options: AdvanceRemovalsOptions,
): Promise<void> {
  const { pubsub, mark, archive, onRemoved, afterEffect } = options;
  if (step === 'resources') {
    for (const thing of resourcesOf(eventType)) {
      const outcome = await deleteMarked(pubsub, thing, mark);
      await afterEffect?.(eventType, `${thing.kind} ${thing.name}`);
      if (outcome !== 'missing') {
        await onRemoved?.({ eventType, ...thing, outcome });
      }
    }
  }
  if (step === 'archiving') {
    await archive(eventType);
    await afterEffect?.(eventType, 'archived');
  }
}

function stepOf(decision: ReturnType<typeof decideRemoval>): string {
  return decision.action === 'finish' ? decision.step : decision.action;
}

/** The generation could not be noted: the config has it again. */
function isSame(before: OpenRemoval, after: OpenRemoval): boolean {
  return (
    before.generation === after.generation &&
    Object.keys(before.finished).length === Object.keys(after.finished).length
  );
}
