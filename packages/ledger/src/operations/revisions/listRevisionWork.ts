import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** What a worker can do for an operation now. @public */
export interface RevisionWork {
  operationId: string;
  eventType: string;
  /**
   * `finish`: publish and commit what is prepared; `run`: make the revisions;
   * `preview`: try them out; `sweep`: remove what an operation that came to
   * nothing has left in the lake.
   */
  task: 'finish' | 'run' | 'preview' | 'sweep';
}

/** So long what is approved lets the buckets of its type go first. */
const GIVES_WAY_MINUTES = 5;

/**
 * The operations that wait for a worker, the most urgent first: what is prepared
 * keeps the sealing of its type waiting; then what was approved, then previews,
 * each in the order they were asked for.
 *
 * A run holds up the sealing of its type. So it is not among them while a bucket of
 * the type is over and to be sealed, other than one that waits for its events; but
 * no longer than five minutes, or a type that is behind could never be repaired.
 *
 * @public
 */
export async function listRevisionWork(
  db: Knex,
  options: { limit: number },
): Promise<RevisionWork[]> {
  return queryRows<RevisionWork>(
    db,
    `SELECT "operationId", "eventType", task FROM (
       SELECT operation_id AS "operationId", event_type AS "eventType",
         requested_at, CASE
           WHEN state = 'previewing' THEN 'preview'
           WHEN prepared_at IS NULL THEN 'run' ELSE 'finish' END AS task
       FROM revision_operations o
       WHERE state IN ('previewing', 'running')
         AND (retry_at IS NULL OR retry_at <= now())
         AND (state = 'previewing' OR prepared_at IS NOT NULL
           OR approved_at < now() - :givesWay * interval '1 minute'
           OR NOT EXISTS (
             SELECT FROM staged_batches s
             WHERE s.event_type = o.event_type AND s.consumed_at IS NULL
               AND s.landing_start + s.landing_seconds * interval '1 second'
                 <= now()
               AND NOT EXISTS (
                 SELECT FROM waiting_buckets w
                 WHERE w.event_type = s.event_type
                   AND w.bucket_start = s.landing_start)))
       UNION ALL
       SELECT operation_id, event_type, requested_at, 'sweep'
       FROM revision_operations
       WHERE begun_at IS NOT NULL AND swept_at IS NULL
         AND state IN ('failed', 'cancelled')
     ) work
     ORDER BY array_position(ARRAY['finish', 'run', 'preview', 'sweep'], task),
       requested_at, "operationId" LIMIT :limit`,
    { limit: options.limit, givesWay: GIVES_WAY_MINUTES },
  );
}
