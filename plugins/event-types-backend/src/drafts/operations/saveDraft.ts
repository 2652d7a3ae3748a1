import type { Knex } from 'knex';
import type { DraftsRow } from './tables';

/**
 * Writes a draft, the first time with revision 1. One statement: of two windows
 * that save at once, each gets a revision of its own, or is refused.
 *
 * @returns the new revision, or undefined when the draft is at another revision
 * than `ifRevision`; 0 stands for one that is not there yet
 */
export async function saveDraft(
  db: Knex,
  options: {
    userRef: string;
    id: string;
    title?: string;
    content: string;
    ifRevision?: number;
    at: Date;
    expiresAt: Date;
  },
): Promise<number | undefined> {
  const { ifRevision } = options;
  const changed = {
    title: options.title ?? null,
    content: options.content,
    updated_at: options.at,
    expires_at: options.expiresAt,
  };
  const key = { user_ref: options.userRef, id: options.id };
  if (ifRevision !== undefined && ifRevision > 0) {
    const [row] = await db<DraftsRow>('declaration_drafts')
      .where({ ...key, revision: ifRevision })
      .update({ ...changed, revision: db.raw('revision + 1') } as object)
      .returning('revision');
    return row?.revision;
  }
  const insert = db('declaration_drafts').insert({
    ...key,
    ...changed,
    revision: 1,
    created_at: options.at,
  });
  const conflict = insert.onConflict(['user_ref', 'id']);
  const [row] = await (ifRevision === 0
    ? conflict.ignore()
    : conflict.merge({
        ...changed,
        revision: db.raw('declaration_drafts.revision + 1'),
      })
  ).returning<Array<{ revision: number }>>('revision');
  return row?.revision;
}
