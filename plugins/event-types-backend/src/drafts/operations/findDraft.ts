import type { DeclarationDraft } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { type DraftsRow, toDraftHead } from './tables';

/** A draft of a user that has not expired. */
export async function findDraft(
  db: Knex,
  options: { userRef: string; id: string; at: Date },
): Promise<DeclarationDraft | undefined> {
  const row = await db<DraftsRow>('declaration_drafts')
    .where({ user_ref: options.userRef, id: options.id })
    .andWhere('expires_at', '>', options.at)
    .first();
  return row && { ...toDraftHead(row), content: row.content };
}
