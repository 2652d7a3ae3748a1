import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { BATCHES_DIGEST_SQL, REVISION_BATCHES_SQL } from './batchesSql';

/**
 * Why an operation is no longer about what it was asked about, in words; or
 * `undefined`. The batches of a sealed partition change by revisions alone, and
 * these are kept apart; so this finds what was changed by hand, batches that were
 * forgotten, and a reseal whose schema version has a successor by now.
 */
export async function findStaleness(
  tx: Knex.Transaction,
  options: { operationId: string },
): Promise<string | undefined> {
  const [found] = await queryRows<{ bucketStart: Date; why: string }>(
    tx,
    `WITH made AS (
       SELECT b.to_start, ${BATCHES_DIGEST_SQL} AS digest
       FROM (${REVISION_BATCHES_SQL}) b GROUP BY b.to_start
     ),
     newest AS (
       SELECT (t.value ->> 'version')::integer AS version
       FROM (
         SELECT s.content, o.event_type FROM revision_operations o
         JOIN config_snapshots s ON s.content->'eventTypes'
           @> jsonb_build_array(jsonb_build_object('name', o.event_type))
         WHERE o.operation_id = :operationId
         ORDER BY s.generation DESC LIMIT 1
       ) AS s, jsonb_array_elements(s.content->'eventTypes') AS t (value)
       WHERE t.value ->> 'name' = s.event_type
     )
     SELECT bucket_start AS "bucketStart", why FROM (
       SELECT c.bucket_start, CASE
         WHEN p.state <> 'sealed' OR p.superseded_at IS NOT NULL
           THEN 'has another revision by now'
         WHEN c.batches_digest
             <> coalesce(m.digest, encode(sha256(''), 'hex'))
           THEN 'consists of other batches by now'
         WHEN o.kind = 'reseal' AND c.schema_version_after
             IS DISTINCT FROM (SELECT version FROM newest)
           THEN 'would be sealed under another schema version by now'
         END AS why
       FROM revision_changes c
       JOIN revision_operations o USING (operation_id)
       JOIN partitions p ON p.partition_id = c.from_partition_id
       LEFT JOIN made m ON m.to_start = c.bucket_start
       WHERE c.operation_id = :operationId
     ) judged
     WHERE why IS NOT NULL ORDER BY bucket_start LIMIT 1`,
    { operationId: options.operationId },
  );
  return found && `bucket ${found.bucketStart.toISOString()} ${found.why}`;
}
