import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * The schema of a version of an event type, as Avro, from the newest config
 * snapshot that has it; `undefined` when none does.
 *
 * @public
 */
export async function readSchemaVersion(
  db: Knex,
  options: { eventType: string; version: number },
): Promise<unknown> {
  const [row] = await queryRows<{ schema: unknown }>(
    db,
    `SELECT t.value -> 'schema' AS schema
     FROM (
       SELECT content FROM config_snapshots
       WHERE content->'eventTypes' @> jsonb_build_array(jsonb_build_object(
         'name', :eventType::text, 'version', :version::integer))
       ORDER BY generation DESC LIMIT 1
     ) AS s, jsonb_array_elements(s.content->'eventTypes') AS t (value)
     WHERE t.value ->> 'name' = :eventType`,
    options,
  );
  return row?.schema;
}
