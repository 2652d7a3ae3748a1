import type { Knex } from 'knex';

/**
 * The name of another event type that differs from a name only in `.`, `_` and
 * `-`, if there is one.
 */
export async function findFoldedName(
  db: Knex,
  options: { name: string },
): Promise<string | undefined> {
  const row = await db('event_types')
    .whereRaw("translate(name, '._-', '') = translate(?, '._-', '')", [
      options.name,
    ])
    .whereNot('name', options.name)
    .first('name');
  return row?.name;
}
