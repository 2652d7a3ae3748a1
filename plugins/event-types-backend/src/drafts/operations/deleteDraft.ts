import type { Knex } from 'knex';

/** Deletes a draft of a user. @returns whether there was one */
export async function deleteDraft(
  db: Knex,
  options: { userRef: string; id: string },
): Promise<boolean> {
  const deleted = await db('declaration_drafts')
    .where({ user_ref: options.userRef, id: options.id })
    .delete();
  return deleted > 0;
}
