import type { Knex } from 'knex';

/** Whether an event type has the name, whoever may read it. */
export async function isNameTaken(
  db: Knex,
  options: { name: string },
): Promise<boolean> {
  return (
    (await db('event_types').where({ name: options.name }).first('name')) !==
    undefined
  );
}
