import { Knex } from 'knex';
import { inTransaction, queryCount, queryRows } from '../../database/values';

/**
 * Looks for the accepted events of replays in sealed partitions, and marks the
 * replays proven whose events were all found.
 *
 * An event is found by its key among the landings, which the sealing transaction
 * writes together with the partition: what is found there lies in a partition's
 * files, be it this event or one with the same source, id and content that was
 * there before. Of events sealed by an earlier release, `event_ids` says the
 * same, and the ids of one sealing carry its instant. An event that was refused
 * at sealing will never be found; it counts as refused again.
 *
 * @returns how many replays were proven
 * @public
 */
export async function proveReplays(
  db: Knex,
  options: { limit: number },
): Promise<number> {
  const replays = await queryRows<{ replayId: string }>(
    db,
    `SELECT replay_id AS "replayId" FROM replays p
     WHERE state = 'sent'
       -- Event ids are known no longer.
       AND requested_at > now() - interval '31 days'
       AND EXISTS (
       SELECT FROM replay_events e
       WHERE e.replay_id = p.replay_id AND e.state = 'accepted')
     ORDER BY requested_at DESC LIMIT :limit`,
    { limit: options.limit },
  );
  let proven = 0;
  for (const { replayId } of replays) {
    proven += await proveReplay(db, replayId);
  }
  return proven;
}

async function proveReplay(db: Knex, replayId: string): Promise<number> {
  return inTransaction(db, async tx => {
    await queryRows(
      tx,
      `WITH sought AS (
         SELECT position, event_type, event_key, sent_at FROM replay_events
         WHERE replay_id = :replayId AND state = 'accepted'
           AND partition_id IS NULL
       ),
       copy AS (
         SELECT e.position, p.partition_id, p.sealed_at
         FROM sought e
           JOIN replay_landings l ON l.event_type = e.event_type
             AND l.event_key = e.event_key
           LEFT JOIN LATERAL (
             SELECT p.partition_id, p.sealed_at FROM partitions p
             WHERE p.event_type = l.event_type
               AND p.bucket_start = l.bucket_start AND p.state = 'sealed'
             ORDER BY p.superseded_at IS NULL DESC, p.revision DESC LIMIT 1
           ) p ON true
         UNION ALL
         SELECT e.position, p.partition_id, i.sealed_at
         FROM sought e
           JOIN event_ids i ON i.event_type = e.event_type
             AND i.event_key = e.event_key
           LEFT JOIN LATERAL (
             SELECT p.partition_id FROM partitions p
             WHERE p.event_type = i.event_type AND p.sealed_at = i.sealed_at
               AND p.state = 'sealed'
             -- Of partitions sealed in one instant, the one of its time.
             ORDER BY p.bucket_end > e.sent_at DESC, p.bucket_start LIMIT 1
           ) p ON true
       ),
       found AS (
         SELECT DISTINCT ON (position) position, partition_id,
           count(*) OVER (PARTITION BY position) AS copies
         FROM copy ORDER BY position, sealed_at
       )
       UPDATE replay_events e
       SET partition_id = f.partition_id, copies = f.copies
       FROM found f
       WHERE e.replay_id = :replayId AND e.position = f.position`,
      { replayId },
    );
    await queryRows(
      tx,
      `WITH again AS (
         UPDATE replay_events e SET state = 'refused',
           refusal_reason = r.reason, refusal_pointer = r.pointer,
           refusal_message = r.message
         FROM refused_events r
         WHERE e.replay_id = :replayId AND e.state = 'accepted'
           AND e.partition_id IS NULL
           AND r.event_id = e.event_id AND r.event_type = e.event_type
           AND r.stage = 'sealing' AND r.recorded_at >= e.sent_at
           AND md5(coalesce(r.source, '') || chr(10) || r.event_id)::uuid
             = e.event_key
         RETURNING e.refusal_id
       )
       UPDATE refused_events r SET replay_state = 'refused-again'
       FROM again a
       WHERE r.refusal_id = a.refusal_id AND r.replay_id = :replayId`,
      { replayId },
    );
    return queryCount(
      tx,
      `UPDATE replays SET state = 'proven'
       WHERE replay_id = :replayId AND state = 'sent'
         AND NOT EXISTS (
           SELECT FROM replay_events WHERE replay_id = :replayId
             AND state = 'accepted' AND partition_id IS NULL)
         AND EXISTS (
           SELECT FROM replay_events
           WHERE replay_id = :replayId AND state = 'accepted')`,
      { replayId },
    );
  });
}
