import { Alert, ButtonLink, Flex, Text } from '@backstage/ui';
import type { EventType } from '@millrace/plugin-event-types-common';
import { useCallback, useEffect, useState } from 'react';
import type { EventTypesApi } from '../../api';
import { detailChanges, draftOf } from './detailChanges';
import { TabCopy } from './drafts';
import { Guide } from './Guide';
import type { StepId } from './guideSteps';
import { readDraft, toContent } from './readDraft';

const STEPS_OF_CHANGE: readonly StepId[] = ['what', 'keeping', 'review'];

/**
 * Changes everything of an event type but its schema, which is sent back as it is:
 * should anybody have changed anything meanwhile, the backend refuses. What is
 * filled in and not saved is kept in the tab, as long as it is about what is in
 * force.
 */
export function EditForm(props: {
  api: EventTypesApi;
  userRef: string;
  eventType: EventType;
  /** Where the event type is shown. */
  href: string;
  onSaved: () => void;
}) {
  const { api, userRef, eventType, href, onSaved } = props;
  const { name, generation } = eventType;
  const [tabCopy] = useState(
    () => new TabCopy({ userRef, id: `change of ${name}` }),
  );
  const [begun] = useState(() => {
    const kept = tabCopy.find();
    return kept?.revision === generation ? readDraft(kept.content) : undefined;
  });
  const [isUnsaved, setUnsaved] = useState(begun !== undefined);
  const initial = begun ?? draftOf(eventType);

  useEffect(() => {
    if (tabCopy.find() && !begun) {
      // It was about what is no longer in force.
      tabCopy.drop();
    }
  }, [tabCopy, begun]);

  const send = useCallback(
    async (registration: Parameters<EventTypesApi['update']>[0]) => {
      const changed = await api.update(registration, {
        ifGeneration: generation,
      });
      tabCopy.drop();
      return changed;
    },
    [api, generation, tabCopy],
  );

  return (
    <Flex direction="column" gap="4">
      {eventType.orphanedAt && (
        <Alert
          status="warning"
          icon
          title="Saving takes it over into the portal"
          description="The file that declared it is gone from the catalog. Once it is changed here it belongs to the portal, and a file of the same name is taken in only if it fits."
        />
      )}
      <Guide
        steps={STEPS_OF_CHANGE}
        initial={initial}
        existing={eventType}
        verb="Save the changes"
        failure="The changes could not be saved. What you filled in is still here."
        onChange={draft => {
          const isChanged = detailChanges(eventType, draft).length > 0;
          setUnsaved(isChanged);
          if (isChanged) {
            tabCopy.keep({ revision: generation, content: toContent(draft) });
          } else {
            tabCopy.drop();
          }
        }}
        send={send}
        onDone={onSaved}
        footer={
          <Flex align="center" gap="3">
            <Text color="secondary">
              {isUnsaved
                ? 'Not saved yet; kept in this browser tab.'
                : 'Nothing has changed yet.'}
            </Text>
            <ButtonLink href={href} variant="tertiary">
              Leave it as it is
            </ButtonLink>
          </Flex>
        }
      />
    </Flex>
  );
}
