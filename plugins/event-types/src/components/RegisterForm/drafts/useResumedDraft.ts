import { useApi } from '@backstage/frontend-plugin-api';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import { useCallback } from 'react';
import { eventTypesApiRef } from '../../../api';
import { newDraft } from '../draft';
import { type ResumedDraft, readDraft } from '../readDraft';
import type { TabCopy } from './TabCopy';

/**
 * Loads a draft once. What is in the tab and not in the backend goes first: it is
 * what somebody typed last here. Two windows
 * that differ are told when it is saved, by its revision.
 *
 * @param isNew - nobody has saved it yet, so there is nothing to ask for
 */
export function useResumedDraft(
  id: string,
  tabCopy: TabCopy,
  isNew: boolean,
): PollingState<ResumedDraft> {
  const api = useApi(eventTypesApiRef);
  const load = useCallback(
    async (signal: AbortSignal): Promise<ResumedDraft> => {
      const kept = tabCopy.find();
      if (kept) {
        return {
          draft: readDraft(kept.content),
          revision: kept.revision,
          isUnsaved: true,
        };
      }
      if (isNew) {
        return { draft: newDraft(), revision: 0, isUnsaved: false };
      }
      const { content, revision, updatedAt } = await api.getDraft(id, {
        signal,
      });
      return {
        draft: readDraft(content),
        revision,
        savedAt: new Date(updatedAt),
        isUnsaved: false,
      };
    },
    [api, id, tabCopy, isNew],
  );
  return usePolling(load, {});
}
