import { Knex } from 'knex';

/**
 * Takes the refusals of replaced partitions back. An event that no live partition
 * refuses any more lies in one, or is a copy of one that does, and is not listed
 * as refused; one that a replay has in hand stays until that is over.
 *
 * To be called after the refusals of the new revisions were written: those that
 * are the same stay the rows they were, with their replays.
 */
export async function removeReplacedRefusals(
  tx: Knex.Transaction,
  options: { operationId: string },
): Promise<void> {
  const { operationId } = options;
  const replaced = `
    SELECT from_partition_id FROM revision_changes
    WHERE operation_id = :operationId`;
  await tx.raw(
    `UPDATE refused_events e
     SET seen_count = greatest(1, e.seen_count - r.times)
     FROM (
       SELECT refusal_id, count(*) AS times FROM partition_refusals
       WHERE partition_id IN (${replaced}) GROUP BY refusal_id
     ) r
     WHERE e.refusal_id = r.refusal_id`,
    { operationId },
  );
  await tx.raw(
    `DELETE FROM refused_events e
     WHERE e.stage = 'sealing' AND e.replay_state <> 'replaying'
       AND e.refusal_id IN (
         SELECT refusal_id FROM partition_refusals
         WHERE partition_id IN (${replaced}))
       AND NOT EXISTS (
         SELECT FROM partition_refusals o
         WHERE o.refusal_id = e.refusal_id
           AND o.partition_id NOT IN (${replaced}))`,
    { operationId },
  );
  await tx.raw(
    `DELETE FROM partition_refusals WHERE partition_id IN (${replaced})`,
    { operationId },
  );
  await tx.raw(
    `UPDATE refused_events e SET partition_id = (
       SELECT min(o.partition_id) FROM partition_refusals o
       WHERE o.refusal_id = e.refusal_id)
     WHERE e.partition_id IN (${replaced}) AND EXISTS (
       SELECT FROM partition_refusals o WHERE o.refusal_id = e.refusal_id)`,
    { operationId },
  );
}
