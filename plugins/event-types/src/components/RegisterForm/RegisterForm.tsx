import { Button, Flex } from '@backstage/ui';
import type { EventType } from '@millrace/plugin-event-types-common';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { EventTypesApi } from '../../api';
import {
  DiscardDraftDialog,
  DraftSaver,
  SavedStatus,
  type TabCopy,
} from './drafts';
import { Guide } from './Guide';
import { STEPS } from './guideSteps';
import { type ResumedDraft, toContent } from './readDraft';

const STEP_IDS = STEPS.map(({ id }) => id);

/**
 * Registers a new event type. What is filled in is kept as a draft by itself; the
 * draft is gone once the event type is registered.
 */
export function RegisterForm(props: {
  api: EventTypesApi;
  draftId: string;
  /** What there is of it already. */
  resumed: ResumedDraft;
  tabCopy: TabCopy;
  /** The first change was made: from now on there is a draft. */
  onBegun: () => void;
  onDiscarded: () => void;
  /** The draft is to be loaded anew: somebody chose what another window saved. */
  onReload: () => void;
  onRegistered: (eventType: EventType) => void;
}) {
  const { api, draftId, resumed, tabCopy, onBegun, onRegistered } = props;
  const [saver] = useState(
    () =>
      new DraftSaver({
        api,
        id: draftId,
        revision: resumed.revision,
        savedAt: resumed.savedAt,
        tabCopy,
      }),
  );
  const saving = useSyncExternalStore(saver.subscribe, saver.getState);
  const [name, setName] = useState(resumed.draft.name);
  const [isDiscarding, setDiscarding] = useState(false);

  const { isUnsaved, draft: initial } = resumed;
  useEffect(() => {
    if (isUnsaved) {
      saver.change(initial.name, toContent(initial));
    }
    // Leaving the page must not wait for the end of the pause in typing.
    return () => {
      saver.flush();
    };
  }, [saver, isUnsaved, initial]);

  const register = useCallback(
    async (registration: Parameters<EventTypesApi['register']>[0]) => {
      const eventType = await api.register(registration);
      // It is registered, whatever becomes of the draft: it expires by itself.
      await saver.end().catch(() => {});
      return eventType;
    },
    [api, saver],
  );

  return (
    <Flex direction="column" gap="4">
      <Guide
        steps={STEP_IDS}
        initial={initial}
        isResumed={resumed.revision > 0 || isUnsaved}
        verb="Register"
        failure="The event type could not be registered. What you filled in is still here."
        onChange={draft => {
          onBegun();
          setName(draft.name);
          saver.change(draft.name, toContent(draft));
        }}
        send={register}
        onDone={onRegistered}
        footer={
          <Flex align="center" gap="3">
            <SavedStatus
              state={saving}
              onRetry={() => saver.flush()}
              onKeepMine={() => saver.keepMine()}
              onTakeTheirs={() => {
                tabCopy.drop();
                props.onReload();
              }}
            />
            {saving.status !== 'untouched' && (
              <Button variant="tertiary" onPress={() => setDiscarding(true)}>
                Discard the draft
              </Button>
            )}
          </Flex>
        }
      />
      {isDiscarding && (
        <DiscardDraftDialog
          title={name}
          onDiscard={async () => {
            await saver.end();
            props.onDiscarded();
          }}
          onClose={() => setDiscarding(false)}
        />
      )}
    </Flex>
  );
}
