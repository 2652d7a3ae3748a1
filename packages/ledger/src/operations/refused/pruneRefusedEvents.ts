import { Knex } from 'knex';
import { inTransaction, queryCount, queryRows } from '../../database/values';

const MARK = 'refused_events';

/*
 * Pruning in small transactions: a deletion of a million rows at once would
 * hold its locks, and its share of the disk's write capacity, for as long.
 */
const ROWS_PER_STATEMENT = 1_000;
const MAX_STATEMENTS = 200;

/** @public */
export interface PruneRefusedEventsOptions {
  /** Events seen last before this time are to go. */
  before: Date;
  /**
   * How far the cut-off may move since it was moved last: not much more than the
   * time the caller has lived through meanwhile.
   */
  maxAdvanceMs: number;
}

/** @public */
export interface PruneRefusedEventsResult {
  pruned: number;
  /**
   * How far the cut-off stays behind what was asked for. Large when the clock
   * jumped, or after a long time without anyone who prunes.
   */
  heldBackMs: number;
}

/**
 * Forgets refused events that were seen last before the given time.
 *
 * Guarantees: at most `maxAdvanceMs` of time is forgotten by one call, so that a
 * clock that jumps ahead by years deletes no more in the next hour than the
 * hour is worth; the first call in the life of a ledger only notes where it
 * stands; statements are of bounded size, and what is left after a bounded
 * number of them is left to the next call. Events that a replay is working on
 * stay.
 *
 * @public
 */
export async function pruneRefusedEvents(
  db: Knex,
  options: PruneRefusedEventsOptions,
): Promise<PruneRefusedEventsResult> {
  const cutoff = await moveCutoff(db, options);
  let pruned = 0;
  for (let statement = 0; statement < MAX_STATEMENTS; statement++) {
    const deleted = await queryCount(
      db,
      `DELETE FROM refused_events WHERE refusal_id IN (
         SELECT refusal_id FROM refused_events
         WHERE last_received_at < :cutoff AND replay_state <> 'replaying'
         ORDER BY last_received_at LIMIT :limit
         FOR UPDATE SKIP LOCKED
       )`,
      { cutoff, limit: ROWS_PER_STATEMENT },
    );
    pruned += deleted;
    if (deleted < ROWS_PER_STATEMENT) {
      break;
    }
  }
  return {
    pruned,
    heldBackMs: Math.max(0, options.before.getTime() - cutoff.getTime()),
  };
}

/** Moves the mark as far as it may, and gives where it is. */
async function moveCutoff(
  db: Knex,
  { before, maxAdvanceMs }: PruneRefusedEventsOptions,
): Promise<Date> {
  return inTransaction(db, async tx => {
    // A ledger that was never pruned keeps everything its first mark finds.
    await tx.raw(
      `INSERT INTO retention_marks (name, cutoff)
       SELECT :name, least(:before::timestamptz,
         coalesce(min(last_received_at), :before)) FROM refused_events
       ON CONFLICT (name) DO NOTHING`,
      { name: MARK, before },
    );
    const [{ cutoff }] = await queryRows<{ cutoff: Date }>(
      tx,
      `UPDATE retention_marks SET
         cutoff = least(:before::timestamptz,
           cutoff + :advanceMs * interval '1 millisecond'),
         moved_at = now()
       WHERE name = :name RETURNING cutoff`,
      { name: MARK, before, advanceMs: Math.max(0, maxAdvanceMs) },
    );
    return cutoff;
  });
}
