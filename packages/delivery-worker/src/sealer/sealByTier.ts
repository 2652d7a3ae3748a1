import { BucketToClose, Tier } from '@millrace/ledger';
import { bucketEnd } from '@millrace/schema';
import { TierQueue } from '../tiers';
import { TypeRun } from './typeSealer';

/**
 * So many buckets of a type are sealed before another type has its turn: one
 * that is far behind must not keep its place for all of its backlog.
 */
const BUCKETS_PER_TURN = 12;

/** The due buckets of one event type, oldest first. @internal */
export interface DueType {
  eventType: string;
  tier: Tier;
  buckets: BucketToClose[];
}

/** @internal */
export interface SealByTierOptions {
  types: DueType[];
  /**
   * Empty. It outlives the call, so that what has waited for its turn in one
   * run has not waited in vain when the next one begins.
   */
  queue: TierQueue<DueType>;
  objectivesMs: Record<Tier, number>;
  /** Types sealed at the same time. */
  concurrency: number;
  clock: () => Date;
  /** Asked before each turn, with how many a slot has had. */
  mayBegin: (turns: number) => boolean;
  sealType: (eventType: string, buckets: BucketToClose[]) => Promise<TypeRun>;
}

/**
 * Gives event types their turns: critical ones first, see `TierQueue`. A type
 * is old from when its oldest bucket is later than its tier promises.
 *
 * @returns the outcome per event type, and whether due buckets are left
 * @internal
 */
export async function sealByTier(
  options: SealByTierOptions,
): Promise<{ runs: Map<string, TypeRun>; isDone: boolean }> {
  const { types, queue, objectivesMs, concurrency, clock } = options;
  for (const type of types) {
    const oldest = Math.min(
      ...type.buckets.map(({ bucket }) => bucketEnd(bucket).getTime()),
    );
    const { tier } = type;
    queue.add(type, { tier, oldFromMs: oldest + objectivesMs[tier] });
  }
  const runs = new Map<string, TypeRun>();
  let isDone = true;
  async function takeTurns(): Promise<void> {
    for (let turns = 0; options.mayBegin(turns); turns++) {
      const type = queue.take(clock().getTime());
      if (!type) {
        return;
      }
      const buckets = type.buckets.slice(0, BUCKETS_PER_TURN);
      isDone &&= buckets.length === type.buckets.length;
      runs.set(type.eventType, await options.sealType(type.eventType, buckets));
    }
  }
  await Promise.all(
    Array.from({ length: Math.min(concurrency, types.length) }, takeTurns),
  );
  isDone &&= queue.size === 0;
  queue.clear();
  return { runs, isDone };
}

/** Keeps the order of the types and, within each, of the buckets. @internal */
export function groupByType(due: BucketToClose[]): DueType[] {
  const types = new Map<string, DueType>();
  for (const bucket of due) {
    const { eventType, tier } = bucket;
    const ofType = types.get(eventType);
    if (ofType) {
      ofType.buckets.push(bucket);
    } else {
      types.set(eventType, { eventType, tier, buckets: [bucket] });
    }
  }
  return [...types.values()];
}
