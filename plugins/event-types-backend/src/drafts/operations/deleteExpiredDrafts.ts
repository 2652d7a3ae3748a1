import type { Knex } from 'knex';

/** Deletes every draft that has expired. @returns how many */
export async function deleteExpiredDrafts(
  db: Knex,
  options: { at: Date },
): Promise<number> {
  return await db('declaration_drafts')
    .where('expires_at', '<=', options.at)
    .delete();
}
