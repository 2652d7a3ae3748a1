import {
  identityApiRef,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, ButtonLink, Skeleton } from '@backstage/ui';
import {
  DeniedState,
  EmptyState,
  PageFrame,
  ProblemPanel,
  isNotFound,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import {
  type EventType,
  eventTypeCreatePermission,
} from '@millrace/plugin-event-types-common';
import { useCallback, useMemo, useState } from 'react';
import { useLocation, useSearchParams } from 'react-router-dom';
import { type EventTypesApi, eventTypesApiRef } from '../../api';
import { rootRouteRef } from '../../routes';
import { DraftsList, TabCopy, newDraftId, useResumedDraft } from './drafts';
import { RegisterForm } from './RegisterForm';
import { WaitForEntity } from './WaitForEntity';

const DRAFT_PARAM = 'draft';

/** Register an event type, or go on with one that was begun. */
export function RegisterPage() {
  const api = useApi(eventTypesApiRef);
  const listLink = useRouteRef(rootRouteRef);
  const [registered, setRegistered] = useState<EventType>();
  const { loading, allowed } = usePermission({
    permission: eventTypeCreatePermission,
  });

  return (
    <PageFrame
      title="Register an event type"
      answer={
        registered
          ? `${registered.name} is registered`
          : 'Register an event type'
      }
      actions={
        listLink && (
          <ButtonLink href={listLink()} variant="tertiary">
            All event types
          </ButtonLink>
        )
      }
    >
      {loading && <Skeleton width="100%" height={320} />}
      {!loading && !allowed && (
        <DeniedState
          title="You may not register event types"
          description="Ask the platform team, or a member of the group that shall own the event type."
        />
      )}
      {registered && <WaitForEntity name={registered.name} />}
      {allowed && !registered && (
        <Registering api={api} onRegistered={setRegistered} />
      )}
    </PageFrame>
  );
}

/** What has to be known before somebody can begin: who they are, their drafts. */
function Registering(props: {
  api: EventTypesApi;
  onRegistered: (eventType: EventType) => void;
}) {
  const { api, onRegistered } = props;
  const identityApi = useApi(identityApiRef);
  const [search, setSearch] = useSearchParams();
  const { pathname } = useLocation();
  const [newId, setNewId] = useState(newDraftId);
  const [generation, setGeneration] = useState(0);
  const named = search.get(DRAFT_PARAM);

  const loadUser = useCallback(
    async () => (await identityApi.getBackstageIdentity()).userEntityRef,
    [identityApi],
  );
  const user = usePolling(loadUser, {});
  const loadDrafts = useCallback(
    (signal: AbortSignal) => api.listDrafts({ signal }),
    [api],
  );
  const drafts = usePolling(loadDrafts, {});

  const startAnew = () => {
    setNewId(newDraftId());
    setGeneration(0);
    setSearch({});
    drafts.reload();
  };
  if (user.error && !user.value) {
    return (
      <ProblemPanel
        what="Who you are could not be loaded."
        error={user.error}
        onRetry={user.reload}
      />
    );
  }
  // Both at once: a list that comes later would push the form down.
  if (!user.value || drafts.isLoading) {
    return <Skeleton width="100%" height={320} />;
  }
  const id = named ?? newId;
  return (
    <>
      {named ? null : (
        <DraftsList
          drafts={(drafts.value ?? []).filter(draft => draft.id !== newId)}
          error={drafts.value ? undefined : drafts.error}
          hrefOf={draft => `${pathname}?${new URLSearchParams({ draft })}`}
          onDiscard={async draft => {
            await api.deleteDraft(draft);
            drafts.reload();
          }}
          onRetry={drafts.reload}
        />
      )}
      <OneDraft
        key={`${id} ${generation}`}
        api={api}
        userRef={user.value}
        id={id}
        isNew={id === newId && generation === 0}
        onBegun={() => {
          if (!named) {
            setSearch(
              current => {
                const next = new URLSearchParams(current);
                next.set(DRAFT_PARAM, newId);
                return next;
              },
              { replace: true },
            );
          }
        }}
        onStartAnew={startAnew}
        onReload={() => setGeneration(count => count + 1)}
        onRegistered={onRegistered}
      />
    </>
  );
}

function OneDraft(props: {
  api: EventTypesApi;
  userRef: string;
  id: string;
  isNew: boolean;
  onBegun: () => void;
  onStartAnew: () => void;
  onReload: () => void;
  onRegistered: (eventType: EventType) => void;
}) {
  const { api, userRef, id, isNew, onStartAnew } = props;
  const tabCopy = useMemo(() => new TabCopy({ userRef, id }), [userRef, id]);
  const { value, error, isLoading, reload } = useResumedDraft(
    id,
    tabCopy,
    isNew,
  );
  if (isLoading) {
    return <Skeleton width="100%" height={320} />;
  }
  if (!value) {
    return isNotFound(error) ? (
      <EmptyState
        title="There is no such draft"
        description="It was registered or discarded, or has expired, or is somebody else's."
        action={<Button onPress={onStartAnew}>Start a new one</Button>}
      />
    ) : (
      error && (
        <ProblemPanel
          what="The draft could not be loaded."
          error={error}
          onRetry={reload}
        />
      )
    );
  }
  return (
    <RegisterForm
      api={api}
      draftId={id}
      resumed={value}
      tabCopy={tabCopy}
      onBegun={props.onBegun}
      onDiscarded={onStartAnew}
      onReload={props.onReload}
      onRegistered={props.onRegistered}
    />
  );
}
