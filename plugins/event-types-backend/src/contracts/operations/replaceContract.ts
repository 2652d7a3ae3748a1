import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';

/**
 * Keeps a contract in place of the one before.
 *
 * @returns whether there was one before
 */
export async function replaceContract(
  db: Knex,
  options: {
    eventType: string;
    document: JsonObject;
    apiVersion: string;
    at: Date;
    by: string;
  },
): Promise<{ isFirst: boolean }> {
  const row = {
    event_type: options.eventType,
    document: JSON.stringify(options.document),
    api_version: options.apiVersion,
    imported_at: options.at,
    imported_by: options.by,
  };
  // A row that was inserted has no transaction that ended it.
  const [{ is_first: isFirst }] = await db('contracts')
    .insert(row)
    .onConflict('event_type')
    .merge()
    .returning(db.raw('(xmax = 0) as is_first'));
  return { isFirst };
}
