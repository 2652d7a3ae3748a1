import type { DeclarationDraftList } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { type DraftsRow, toDraftHead } from './tables';

/** The drafts of a user that have not expired, without contents, newest first. */
export async function listDrafts(
  db: Knex,
  options: { userRef: string; at: Date },
): Promise<DeclarationDraftList['items']> {
  const rows = await db<DraftsRow>('declaration_drafts')
    .where({ user_ref: options.userRef })
    .andWhere('expires_at', '>', options.at)
    .orderBy('updated_at', 'desc')
    .select(
      'user_ref',
      'id',
      'revision',
      'title',
      'created_at',
      'updated_at',
      'expires_at',
    );
  return rows.map(toDraftHead);
}
