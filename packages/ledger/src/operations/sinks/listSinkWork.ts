import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * The event types with revisions to look at in a sink, the longest waiting
 * first.
 *
 * @public
 */
export async function listSinkWork(
  db: Knex,
  options: { sink: string },
): Promise<string[]> {
  const rows = await queryRows<{ eventType: string }>(
    db,
    `SELECT event_type AS "eventType" FROM sink_loads
     WHERE sink = :sink AND state IN ('pending', 'loading', 'failed')
       AND next_look_at <= now()
     GROUP BY event_type ORDER BY min(next_look_at), event_type`,
    { sink: options.sink },
  );
  return rows.map(({ eventType }) => eventType);
}
