import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * Since when books are kept; nothing is said about buckets that began before.
 * `undefined` when they always were.
 *
 * @public
 */
export async function readBooksBegan(db: Knex): Promise<Date | undefined> {
  const [{ beganAt }] = await queryRows<{ beganAt: Date | null }>(
    db,
    'SELECT min(began_at) AS "beganAt" FROM books',
  );
  return beganAt ?? undefined;
}

/** The start of a range as far as books were kept. */
export async function sinceBooks(db: Knex, from: Date): Promise<Date> {
  const began = await readBooksBegan(db);
  return began && began > from ? began : from;
}
