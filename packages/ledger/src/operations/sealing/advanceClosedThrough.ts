import { Knex } from 'knex';

/**
 * Moves an event type's `closed_through` to its first bucket that owes a
 * partition and has no sealed one, or to the end of its newest sealed bucket.
 *
 * It never moves past a sealed bucket: a worker with a clock far ahead can skip
 * nothing. A bucket that cannot be closed stays within the search, and so do
 * those after it, until it is. `heartbeatGateway` moves the mark back when it
 * learns of a life that was not known here.
 */
export async function advanceClosedThrough(
  tx: Knex.Transaction,
  options: { eventType: string },
): Promise<void> {
  await tx.raw(
    `WITH settings AS (
       SELECT bucket_seconds * interval '1 second' AS length
       FROM config_snapshots ORDER BY generation DESC LIMIT 1
     ),
     span AS (
       SELECT t.closed_through AS since, t.provisioned_at,
         (SELECT max(bucket_end) FROM partitions p
          WHERE p.event_type = t.event_type AND p.state = 'sealed'
            AND p.bucket_start >= t.closed_through - interval '1 hour') AS until
       FROM event_types t WHERE t.event_type = :eventType
     ),
     open AS (
       SELECT min(b.start) AS start
       FROM span, settings, gateways g,
         LATERAL generate_series(
           date_bin(length, greatest(g.started_at, since), timestamptz 'epoch'),
           least(coalesce(g.ended_at, g.lease_expires_at), until),
           length
         ) AS b (start)
       WHERE coalesce(g.ended_at, g.lease_expires_at) > since
         AND b.start < coalesce(g.ended_at, g.lease_expires_at)
         AND b.start < until
         AND b.start + length > provisioned_at
         AND NOT EXISTS (
           SELECT FROM partitions p
           WHERE p.event_type = :eventType AND p.bucket_start = b.start
             AND p.state = 'sealed'
         )
     )
     UPDATE event_types
     SET closed_through =
       greatest(closed_through, coalesce(open.start, span.until))
     FROM span, open
     WHERE event_type = :eventType AND span.until IS NOT NULL`,
    { eventType: options.eventType },
  );
}
