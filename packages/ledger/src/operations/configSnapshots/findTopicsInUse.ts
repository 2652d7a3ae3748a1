import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Which of the given topics the newest config snapshot names, for accepted or for
 * refused events. With thousands of event types this is far less to read than the
 * snapshot.
 *
 * @public
 */
export async function findTopicsInUse(
  db: Knex,
  options: { topics: string[] },
): Promise<Set<string>> {
  const rows = await queryRows<{ topic: string }>(
    db,
    `SELECT DISTINCT named.topic
     FROM (
       SELECT content FROM config_snapshots ORDER BY generation DESC LIMIT 1
     ) AS newest,
       jsonb_to_recordset(newest.content->'eventTypes')
         AS type ("topic" text, "refusedTopic" text),
       LATERAL (VALUES (type."topic"), (type."refusedTopic")) AS named (topic)
     WHERE named.topic = ANY (:topics::text[])`,
    { topics: options.topics },
  );
  return new Set(rows.map(({ topic }) => topic));
}
