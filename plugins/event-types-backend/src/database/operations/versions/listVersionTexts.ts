import type { Knex } from 'knex';

/** A schema version as it is stored. */
export interface VersionText {
  version: number;
  /** JSON. */
  text: string;
}

/**
 * The schemas of an event type's versions as text, newest first, and nothing
 * else of them: who has read a text before need not read it again.
 *
 * @param options - `limit`: how many, all when left out
 */
export async function listVersionTexts(
  db: Knex,
  options: { eventType: string; limit?: number },
): Promise<VersionText[]> {
  const query = db('event_type_versions')
    .where({ event_type: options.eventType })
    .orderBy('version', 'desc')
    .select('version', db.raw('schema::text as text'));
  if (options.limit !== undefined) {
    query.limit(options.limit);
  }
  return await query;
}
