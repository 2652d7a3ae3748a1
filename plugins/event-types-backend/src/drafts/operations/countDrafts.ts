import type { Knex } from 'knex';

/** How many drafts a user has, but for one. */
export async function countDrafts(
  db: Knex,
  options: { userRef: string; butId: string; at: Date },
): Promise<number> {
  const row = await db('declaration_drafts')
    .where({ user_ref: options.userRef })
    .whereNot('id', options.butId)
    .andWhere('expires_at', '>', options.at)
    .count<{ count: string }>('* as count')
    .first();
  return Number(row?.count ?? 0);
}
