import { toError } from '@backstage/errors';
import type { DeclarationDraft } from '@millrace/plugin-event-types-common';
import type { EventTypesApi } from '../../../api';
import type { TabCopy } from './TabCopy';

/** After the last change; long enough to go on typing. */
const SAVE_DELAY_MS = 1000;
/** After a failure that may pass by itself. */
const RETRY_DELAY_MS = 15_000;
const MAX_TITLE_LENGTH = 200;

type Content = { [key: string]: unknown };

/**
 * How far saving is.
 *
 * - `untouched`: nothing was changed, so nothing is kept.
 * - `unsaved`, `saving`: what was typed is in the tab, and on its way.
 * - `saved`: the backend has all of it.
 * - `failed`: the backend does not have it, the tab does.
 * - `conflict`: it was changed in another window; somebody has to choose.
 */
export interface SavingState {
  status: 'untouched' | 'unsaved' | 'saving' | 'saved' | 'failed' | 'conflict';
  savedAt?: Date;
  error?: Error;
  /** For `conflict`: what the other window has saved. */
  theirs?: DeclarationDraft;
}

/**
 * Keeps a draft as it is typed: in the tab at once, in the backend a moment later.
 *
 * Guarantees: one save at a time, the last change last. What the backend has not
 * confirmed stays in the tab, so neither a reload nor a session that has ended
 * loses it. Two windows never overwrite each other unseen: each save names the
 * revision it is based on. An answer that was lost on its way is told from another
 * window by what it says. After {@link end} nothing is saved any more, so a draft
 * that was deleted does not come back.
 */
export class DraftSaver {
  readonly #api: Pick<EventTypesApi, 'getDraft' | 'saveDraft' | 'deleteDraft'>;
  readonly #id: string;
  readonly #tabCopy: TabCopy;
  readonly #listeners = new Set<() => void>();
  #state: SavingState = { status: 'untouched' };
  #revision: number;
  #pending?: { title: string; content: Content };
  #running?: Promise<void>;
  #timer?: ReturnType<typeof setTimeout>;
  /** Whether the backend may have it: also when an answer was lost. */
  #mayExist: boolean;
  #hasEnded = false;

  /** @param options - `revision`: what the backend has; 0 if it has nothing */
  constructor(options: {
    api: Pick<EventTypesApi, 'getDraft' | 'saveDraft' | 'deleteDraft'>;
    id: string;
    revision: number;
    savedAt?: Date;
    tabCopy: TabCopy;
  }) {
    this.#api = options.api;
    this.#id = options.id;
    this.#revision = options.revision;
    this.#mayExist = options.revision > 0;
    this.#tabCopy = options.tabCopy;
    if (options.savedAt) {
      this.#state = { status: 'saved', savedAt: options.savedAt };
    }
  }

  readonly getState = (): SavingState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What is in the form now. It is in the tab when this returns. */
  change(title: string, content: Content): void {
    if (this.#hasEnded) {
      return;
    }
    this.#pending = { title, content };
    this.#tabCopy.keep({ revision: this.#revision, content });
    if (this.#state.status === 'conflict') {
      return;
    }
    if (!this.#running) {
      this.#set({ ...this.#state, status: 'unsaved' });
    }
    this.#schedule(SAVE_DELAY_MS);
  }

  /** Saves what is not saved yet, now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#running) {
      await this.#running;
    }
    if (this.#pending && !this.#hasEnded && this.#state.status !== 'conflict') {
      this.#running = this.#save().finally(() => {
        this.#running = undefined;
      });
      await this.#running;
    }
  }

  /** Settles a conflict: what is in this window replaces the other's. */
  async keepMine(): Promise<void> {
    this.#revision = this.#state.theirs?.revision ?? 0;
    this.#set({ status: 'unsaved' });
    await this.flush();
  }

  /**
   * Deletes the draft, here and in the backend, and saves nothing any more.
   *
   * @throws the `ResponseError` of the deletion; saving then goes on
   */
  async end(): Promise<void> {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    await this.#running;
    try {
      if (this.#mayExist) {
        await this.#api.deleteDraft(this.#id);
      }
    } catch (error) {
      if (statusOf(error) !== 404) {
        this.#hasEnded = false;
        throw error;
      }
    }
    this.#pending = undefined;
    this.#tabCopy.drop();
  }

  async #save(): Promise<void> {
    const sent = this.#pending!;
    this.#mayExist = true;
    this.#set({ ...this.#state, status: 'saving', error: undefined });
    try {
      const saved = await this.#api.saveDraft(this.#id, {
        ...(titleOf(sent.title) && { title: titleOf(sent.title) }),
        content: sent.content,
        ifRevision: this.#revision,
      });
      this.#confirm(sent, saved);
    } catch (error) {
      await this.#onFailure(sent, toError(error));
    }
  }

  #confirm(sent: { content: Content }, saved: DeclarationDraft): void {
    this.#revision = saved.revision;
    const savedAt = new Date();
    if (this.#pending === sent) {
      this.#pending = undefined;
      this.#tabCopy.drop();
      this.#set({ status: 'saved', savedAt });
    } else if (this.#pending) {
      const { content } = this.#pending;
      this.#tabCopy.keep({ revision: this.#revision, content });
      this.#set({ status: 'unsaved', savedAt });
      this.#schedule(SAVE_DELAY_MS);
    }
  }

  async #onFailure(sent: { content: Content }, error: Error): Promise<void> {
    const status = statusOf(error);
    if (status === 409) {
      await this.#onConflict(sent);
      return;
    }
    this.#set({ ...this.#state, status: 'failed', error });
    if (status === undefined || status >= 500 || status === 429) {
      this.#schedule(RETRY_DELAY_MS);
    }
  }

  /** Another window has saved, or the answer to an earlier save was lost. */
  async #onConflict(sent: { content: Content }): Promise<void> {
    try {
      const theirs = await this.#api.getDraft(this.#id);
      if (isSame(theirs.content, sent.content)) {
        this.#confirm(sent, theirs);
      } else {
        this.#set({ ...this.#state, status: 'conflict', theirs });
      }
    } catch (error) {
      if (statusOf(error) === 404) {
        // It was discarded elsewhere, and somebody is still writing here.
        this.#revision = 0;
        this.#schedule(0);
      } else {
        this.#set({ ...this.#state, status: 'failed', error: toError(error) });
        this.#schedule(RETRY_DELAY_MS);
      }
    }
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), delayMs);
  }

  #set(state: SavingState): void {
    this.#state = state;
    this.#listeners.forEach(listener => listener());
  }
}

/** What a list calls it, in the form that the backend takes. */
function titleOf(title: string): string {
  return title.replaceAll('\0', '').trim().slice(0, MAX_TITLE_LENGTH);
}

function statusOf(error: unknown): number | undefined {
  const status: unknown =
    typeof error === 'object' && error !== null
      ? Reflect.get(error, 'statusCode')
      : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** Whatever the order of keys: a database does not keep it. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value)
        .filter(([, inner]) => inner !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [key, sorted(inner)])
    : value;
}
