import type { DeclarationDraft } from '@millrace/plugin-event-types-common';
import { DraftSaver } from './DraftSaver';
import { TabCopy } from './TabCopy';

const failure = (statusCode: number) =>
  Object.assign(new Error(`Status ${statusCode}`), { statusCode });

/** A backend that keeps one draft, with the faults a test asks for. */
function backend() {
  let kept: DeclarationDraft | undefined;
  const saves: unknown[] = [];
  const faults: Array<() => void> = [];
  const loseAnswer = () => {
    throw new TypeError('Failed to fetch');
  };
  const api = {
    getDraft: async () => {
      if (!kept) {
        throw failure(404);
      }
      return kept;
    },
    saveDraft: async (
      id: string,
      request: {
        title?: string;
        content: { [key: string]: unknown };
        ifRevision?: number;
      },
    ) => {
      saves.push(request.content.name);
      const fault = faults.shift();
      const revision = kept?.revision ?? 0;
      if (fault && fault !== loseAnswer) {
        fault();
      }
      if (request.ifRevision !== revision) {
        throw failure(409);
      }
      kept = {
        id,
        title: request.title,
        // As a database would give it back: in another order of keys.
        content: Object.fromEntries(Object.entries(request.content).reverse()),
        revision: revision + 1,
        createdAt: '',
        updatedAt: '',
        expiresAt: '',
      };
      fault?.();
      return kept;
    },
    deleteDraft: async () => {
      if (!kept) {
        throw failure(404);
      }
      kept = undefined;
    },
  };
  return {
    api,
    saves,
    failNext: (status: number) =>
      faults.push(() => {
        throw failure(status);
      }),
    loseNextAnswer: () => faults.push(loseAnswer),
    kept: () => kept,
    /** What another window does. */
    saveElsewhere: (name: string) => {
      kept = { ...kept!, content: { name }, revision: kept!.revision + 1 };
    },
    deleteElsewhere: () => {
      kept = undefined;
    },
  };
}

const content = (name: string) => ({ name, tier: 'normal' });

describe('DraftSaver', () => {
  beforeEach(() => sessionStorage.clear());

  function open(revision = 0) {
    const there = backend();
    const tabCopy = new TabCopy({ userRef: 'user:default/a', id: 'draft' });
    const saver = new DraftSaver({
      api: there.api,
      id: 'draft',
      revision,
      tabCopy,
    });
    const type = (name: string) => saver.change(name, content(name));
    return { ...there, saver, tabCopy, type };
  }

  it('keeps in the tab at once and in the backend a moment later, the last change last', async () => {
    const { saver, tabCopy, type, saves, kept } = open();
    expect(saver.getState().status).toBe('untouched');
    type('a');
    expect(tabCopy.find()?.content).toEqual(content('a'));
    const saving = saver.flush();
    type('ab');
    await saving;
    expect(saver.getState().status).toBe('unsaved');
    expect(tabCopy.find()).toEqual({ revision: 1, content: content('ab') });
    await saver.flush();
    expect(saver.getState()).toMatchObject({
      status: 'saved',
      savedAt: expect.any(Date),
    });
    expect(tabCopy.find()).toBeUndefined();
    expect(saves).toEqual(['a', 'ab']);
    expect(kept()).toMatchObject({ title: 'ab', revision: 2 });
  });

  it('never saves twice at once, however often it is asked to', async () => {
    const { saver, type, saves } = open();
    type('a');
    await Promise.all([saver.flush(), saver.flush(), saver.flush()]);
    expect(saves).toEqual(['a']);
  });

  it('keeps in the tab what the backend refuses, and saves it when asked again', async () => {
    const { saver, tabCopy, type, failNext, kept } = open();
    failNext(401);
    type('a');
    await saver.flush();
    expect(saver.getState()).toMatchObject({
      status: 'failed',
      error: { statusCode: 401 },
    });
    expect(tabCopy.find()?.content).toEqual(content('a'));
    await saver.flush();
    expect(kept()?.content).toEqual(content('a'));
    expect(saver.getState().status).toBe('saved');
  });

  it('takes its own save for its own when only the answer was lost', async () => {
    const { saver, type, loseNextAnswer, kept } = open();
    loseNextAnswer();
    type('a');
    await saver.flush();
    expect(saver.getState().status).toBe('failed');
    await saver.flush();
    expect(saver.getState().status).toBe('saved');
    expect(kept()?.revision).toBe(1);
  });

  it('does not overwrite another window unseen', async () => {
    const { saver, tabCopy, type, saveElsewhere, kept } = open();
    type('a');
    await saver.flush();
    saveElsewhere('theirs');
    type('mine');
    await saver.flush();
    expect(saver.getState()).toMatchObject({
      status: 'conflict',
      theirs: { content: { name: 'theirs' } },
    });
    // Nobody has chosen yet: neither of the two is lost.
    type('mine, too');
    await saver.flush();
    expect(kept()?.content.name).toBe('theirs');
    expect(tabCopy.find()?.content.name).toBe('mine, too');
    await saver.keepMine();
    expect(kept()).toMatchObject({
      content: { name: 'mine, too' },
      revision: 3,
    });
  });

  it('begins anew when the draft was discarded elsewhere and is written on here', async () => {
    const { saver, type, deleteElsewhere, kept } = open();
    type('a');
    await saver.flush();
    deleteElsewhere();
    type('ab');
    await saver.flush();
    await saver.flush();
    expect(kept()).toMatchObject({ content: { name: 'ab' }, revision: 1 });
  });

  it('does not bring back what was deleted, also when it was being saved', async () => {
    const { saver, tabCopy, type, kept } = open();
    type('a');
    const saving = saver.flush();
    type('ab');
    await saver.end();
    await saving;
    type('abc');
    await saver.flush();
    expect(kept()).toBeUndefined();
    expect(tabCopy.find()).toBeUndefined();
  });

  it('deletes nothing that was never saved, and what was deleted already', async () => {
    const untouched = open();
    await untouched.saver.end();
    const { saver, type, deleteElsewhere } = open();
    type('a');
    await saver.flush();
    deleteElsewhere();
    await expect(saver.end()).resolves.toBeUndefined();
  });
});
