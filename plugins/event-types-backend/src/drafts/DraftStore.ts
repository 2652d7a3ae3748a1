import { NotFoundError } from '@backstage/errors';
import type {
  DeclarationDraft,
  DeclarationDraftList,
  DeclarationDraftRequest,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import {
  DeclarationConflictError,
  InvalidDeclarationError,
  problem,
} from '../errors';
import { countDrafts } from './operations/countDrafts';
import { deleteDraft } from './operations/deleteDraft';
import { deleteExpiredDrafts } from './operations/deleteExpiredDrafts';
import { findDraft } from './operations/findDraft';
import { listDrafts } from './operations/listDrafts';
import { saveDraft } from './operations/saveDraft';

/** Room for a few hundred sample events. */
export const MAX_DRAFT_BYTES = 512 * 1024;
export const MAX_DRAFTS_PER_USER = 50;
export const DRAFT_LIFE_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Declarations that somebody has not finished.
 *
 * Guarantees: a draft is found by the user who saved it and by nobody else, be it
 * the platform team; whether somebody else has a draft of an id cannot be told.
 * It is gone 30 days after it was last saved. What is in it is kept as it is and
 * never read here.
 */
export class DraftStore {
  readonly #db: Knex;
  readonly #now: () => Date;

  constructor(options: { db: Knex; now?: () => Date }) {
    this.#db = options.db;
    this.#now = options.now ?? (() => new Date());
  }

  async list(userRef: string): Promise<DeclarationDraftList['items']> {
    return await listDrafts(this.#db, { userRef, at: this.#now() });
  }

  /** @throws NotFoundError */
  async get(userRef: string, id: string): Promise<DeclarationDraft> {
    const draft = await findDraft(this.#db, { userRef, id, at: this.#now() });
    if (!draft) {
      throw new NotFoundError('You have no such draft');
    }
    return draft;
  }

  /**
   * @throws InvalidDeclarationError when it is too large, or there are too many
   * @throws DeclarationConflictError when it is at another revision
   */
  async save(
    userRef: string,
    id: string,
    request: DeclarationDraftRequest,
  ): Promise<DeclarationDraft> {
    const at = this.#now();
    const content = textOf(request.content);
    if (content === undefined || Buffer.byteLength(content) > MAX_DRAFT_BYTES) {
      throw new InvalidDeclarationError([
        problem(
          'draft_too_large',
          '/content',
          `A draft may have ${MAX_DRAFT_BYTES} bytes; leave some samples out`,
        ),
      ]);
    }
    const others = await countDrafts(this.#db, { userRef, butId: id, at });
    if (others >= MAX_DRAFTS_PER_USER) {
      throw new InvalidDeclarationError([
        problem(
          'too_many_drafts',
          '',
          `You have ${others} drafts; delete one to keep another`,
        ),
      ]);
    }
    const revision = await saveDraft(this.#db, {
      userRef,
      id,
      title: request.title,
      content,
      ifRevision: request.ifRevision,
      at,
      expiresAt: new Date(at.getTime() + DRAFT_LIFE_DAYS * DAY_MS),
    });
    if (revision === undefined) {
      throw new DeclarationConflictError([
        problem(
          'changed_meanwhile',
          '/ifRevision',
          'The draft was saved from another window meanwhile; load it again',
        ),
      ]);
    }
    return await this.get(userRef, id);
  }

  /** @throws NotFoundError */
  async delete(userRef: string, id: string): Promise<void> {
    if (!(await deleteDraft(this.#db, { userRef, id }))) {
      throw new NotFoundError('You have no such draft');
    }
  }

  /** Deletes what has expired. Safe to run anywhere, at any time. */
  async deleteExpired(): Promise<number> {
    return await deleteExpiredDrafts(this.#db, { at: this.#now() });
  }
}

/** As JSON, unless it is nested deeper than it can be written. */
function textOf(content: DeclarationDraft['content']): string | undefined {
  try {
    return JSON.stringify(content);
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}
