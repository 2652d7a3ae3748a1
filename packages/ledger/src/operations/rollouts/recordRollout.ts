import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/** One thing that a generation changed. @public */
export interface RolloutChange {
  /** Missing where it is about no event type. */
  eventType?: string;
  /** What changed, in words. */
  what: string;
  /** Entity reference of who asked for it, where that is known. */
  actor?: string;
}

/** @public */
export interface RecordRolloutOptions {
  generation: number;
  publishedAt: Date;
  eventTypes: number;
  writeKeys: number;
  changes: RolloutChange[];
  /** Of which `changes` are the first. */
  changeCount: number;
}

/**
 * Keeps what a generation changed. The first word counts: who comes later knows
 * less about who asked for it.
 *
 * @returns whether it was not there before
 * @public
 */
export async function recordRollout(
  db: Knex,
  options: RecordRolloutOptions,
): Promise<boolean> {
  const { changes, ...rest } = options;
  const inserted = await queryCount(
    db,
    `INSERT INTO rollouts (generation, published_at, event_types, write_keys,
       changes, change_count)
     VALUES (:generation, :publishedAt, :eventTypes, :writeKeys,
       :changes::jsonb, :changeCount)
     ON CONFLICT (generation) DO NOTHING`,
    { ...rest, changes: JSON.stringify(changes) },
  );
  return inserted === 1;
}
