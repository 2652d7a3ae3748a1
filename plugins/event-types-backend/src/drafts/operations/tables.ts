import type { DeclarationDraft } from '@millrace/plugin-event-types-common';

/** A row of `declaration_drafts`, as read. */
export interface DraftsRow {
  user_ref: string;
  id: string;
  revision: number;
  title: string | null;
  content: DeclarationDraft['content'];
  created_at: Date;
  updated_at: Date;
  expires_at: Date;
}

/** A draft without its content. */
export function toDraftHead(
  row: Omit<DraftsRow, 'content'>,
): Omit<DeclarationDraft, 'content'> {
  return {
    id: row.id,
    revision: row.revision,
    title: row.title ?? undefined,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}
