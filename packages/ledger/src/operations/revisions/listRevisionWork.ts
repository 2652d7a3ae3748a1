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

/**
 * The operations that wait for a worker, the most urgent first: what is prepared
 * keeps the sealing of its type waiting; then what was approved, then previews,
 * each in the order they were asked for.
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
       FROM revision_operations
       WHERE state IN ('previewing', 'running')
         AND (retry_at IS NULL OR retry_at <= now())
       UNION ALL
       SELECT operation_id, event_type, requested_at, 'sweep'
       FROM revision_operations
       WHERE begun_at IS NOT NULL AND swept_at IS NULL
         AND state IN ('failed', 'cancelled')
     ) work
     ORDER BY array_position(ARRAY['finish', 'run', 'preview', 'sweep'], task),
       requested_at, "operationId" LIMIT :limit`,
    options,
  );
}
