import { Alert, Button, ButtonLink, Flex, Text } from '@backstage/ui';
import {
  type EventType,
  declarationProblemsOf,
} from '@millrace/plugin-event-types-common';
import { useCallback, useState } from 'react';
import type { EventTypesApi } from '../../api';
import { detailChanges, draftOf, rebase } from './detailChanges';
import type { Draft } from './draft';
import { TabCopy } from './drafts';
import { Guide } from './Guide';
import type { StepId } from './guideSteps';
import { readDraft, toContent } from './readDraft';

const STEPS_OF_CHANGE: readonly StepId[] = ['what', 'keeping', 'review'];

/** What somebody had filled in before, upon what is in force now. */
interface Begun {
  draft: Draft;
  /** Whether the event type has changed since they began. */
  isMoved: boolean;
}

/**
 * Changes everything of an event type but its schema, which is sent back as it is:
 * should anybody have changed anything meanwhile, the backend refuses. What is
 * filled in and not saved is kept in the tab, with what it was filled in upon, so
 * that it can be put upon what is in force after such a refusal or a reload.
 */
export function EditForm(props: {
  api: EventTypesApi;
  userRef: string;
  eventType: EventType;
  /** Where the event type is shown. */
  href: string;
  onSaved: () => void;
  /** What is in force has changed: the event type is to be loaded anew. */
  onMoved: () => void;
}) {
  const { api, userRef, eventType, href, onSaved, onMoved } = props;
  const { name, generation } = eventType;
  const [tabCopy] = useState(
    () => new TabCopy({ userRef, id: `change of ${name}` }),
  );
  const [begun, setBegun] = useState(() => findBegun(tabCopy, eventType));
  const [isUnsaved, setUnsaved] = useState(begun !== undefined);
  const [round, setRound] = useState(0);

  const send = useCallback(
    async (registration: Parameters<EventTypesApi['update']>[0]) => {
      try {
        const changed = await api.update(registration, {
          ifGeneration: generation,
        });
        tabCopy.drop();
        return changed;
      } catch (error) {
        const problems = declarationProblemsOf(error);
        if (problems.some(({ code }) => code === 'changed_meanwhile')) {
          onMoved();
        }
        throw error;
      }
    },
    [api, generation, tabCopy, onMoved],
  );
  const keep = (draft: Draft) => {
    const isChanged = detailChanges(eventType, draft).length > 0;
    setUnsaved(isChanged);
    if (isChanged) {
      tabCopy.keep({
        revision: generation,
        content: {
          draft: toContent(draft),
          base: toContent(draftOf(eventType)),
        },
      });
    } else {
      tabCopy.drop();
    }
  };
  const undo = () => {
    tabCopy.drop();
    setBegun(undefined);
    setUnsaved(false);
    setRound(current => current + 1);
  };

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
      {begun?.isMoved && (
        <Alert
          role="status"
          status="warning"
          icon
          title="Somebody else has changed it meanwhile"
          description="What you filled in was put upon what is in force now. The review shows what would change; nothing is saved yet."
        />
      )}
      <Guide
        key={round}
        steps={STEPS_OF_CHANGE}
        initial={begun?.draft ?? draftOf(eventType)}
        existing={eventType}
        verb="Save the changes"
        failure="The changes could not be saved. What you filled in is still here."
        onChange={keep}
        send={send}
        onDone={onSaved}
        footer={
          <Flex align="center" gap="3">
            <Text color="secondary">
              {isUnsaved
                ? 'Not saved yet; kept in this browser tab.'
                : 'Nothing has changed yet.'}
            </Text>
            {isUnsaved && (
              <Button variant="tertiary" onPress={undo}>
                Undo all changes
              </Button>
            )}
            <ButtonLink href={href} variant="tertiary">
              Leave
            </ButtonLink>
          </Flex>
        }
      />
    </Flex>
  );
}

function findBegun(tabCopy: TabCopy, eventType: EventType): Begun | undefined {
  const kept = tabCopy.find();
  if (!kept) {
    return undefined;
  }
  const draft = rebase(
    readDraft(kept.content.draft),
    readDraft(kept.content.base),
    draftOf(eventType),
  );
  return { draft, isMoved: kept.revision !== eventType.generation };
}
