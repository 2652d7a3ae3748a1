import { NotFoundError } from '@backstage/errors';
import type { DeclarationDraftRequest } from '@millrace/plugin-event-types-common';
import { z } from 'zod';
import { InvalidDeclarationError, problem } from '../../errors';

const MAX_TITLE_LENGTH = 200;

const draftSchema = z.strictObject({
  title: z
    .string()
    .max(MAX_TITLE_LENGTH)
    // Postgres cannot store this one character.
    .refine(text => !text.includes('\0'))
    .optional(),
  content: z.record(z.string(), z.unknown()),
  ifRevision: z.number().int().min(0).optional(),
});

/**
 * The body of `PUT /drafts/:id`.
 *
 * @throws InvalidDeclarationError
 */
export function parseDraft(input: unknown): DeclarationDraftRequest {
  const result = draftSchema.safeParse(input);
  if (!result.success) {
    throw new InvalidDeclarationError(
      result.error.issues.map(issue =>
        problem(
          'invalid_draft',
          issue.path.map(key => `/${String(key)}`).join(''),
          `A draft has an object \`content\`, and may have a \`title\` of ${MAX_TITLE_LENGTH} characters and the number \`ifRevision\``,
        ),
      ),
    );
  }
  return result.data;
}

/**
 * The id of a draft, which its window chooses.
 *
 * @throws NotFoundError when no draft could have it
 */
export function parseDraftId(id: string): string {
  const parsed = z.uuid().safeParse(id);
  if (!parsed.success) {
    throw new NotFoundError('You have no such draft; its id is a UUID');
  }
  return parsed.data.toLowerCase();
}
