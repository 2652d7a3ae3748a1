import { identityApiRef, useApi } from '@backstage/frontend-plugin-api';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { Alert, ButtonLink, Skeleton } from '@backstage/ui';
import {
  DeniedState,
  EmptyState,
  PageFrame,
  ProblemPanel,
  isDenied,
  isNotFound,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import {
  type EventType,
  eventTypeEntityRef,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import { type ReactNode, useCallback } from 'react';
import { useNavigate, useParams } from 'react-router-dom';
import { eventTypesApiRef } from '../../api';
import { isOfPortal } from '../../hooks';
import { DeclaredElsewhere } from '../OverviewCard/DeclaredElsewhere';
import { EditForm } from './EditForm';

/** Change an event type of the portal: everything but its schema. */
export function EditPage() {
  const { name = '' } = useParams();
  const href = useEntityRefLink()(eventTypeEntityRef(name));
  return (
    <PageFrame
      title={`Change ${name}`}
      answer={`Change ${name}`}
      detail="Everything but the schema, which is changed on the Schema tab of its page."
      actions={
        <ButtonLink href={href} variant="tertiary">
          Page of {name}
        </ButtonLink>
      }
    >
      <Editing key={name} name={name} href={href} />
    </PageFrame>
  );
}

function Editing(props: { name: string; href: string }): ReactNode {
  const { name, href } = props;
  const api = useApi(eventTypesApiRef);
  const identityApi = useApi(identityApiRef);
  const navigate = useNavigate();
  const permission = usePermission({
    permission: eventTypeUpdatePermission,
    resourceRef: name,
  });
  // Not asked for again and again: nothing may change under the hand.
  const load = useCallback(
    async (
      signal: AbortSignal,
    ): Promise<{ eventType: EventType; userRef: string }> => {
      const [eventType, { userEntityRef }] = await Promise.all([
        api.getEventType(name, { signal }),
        identityApi.getBackstageIdentity(),
      ]);
      return { eventType, userRef: userEntityRef };
    },
    [api, identityApi, name],
  );
  const { value, error, isLoading, reload } = usePolling(load, {});

  if (isLoading || permission.loading) {
    return <Skeleton width="100%" height={320} />;
  }
  if (!value) {
    if (isNotFound(error)) {
      return (
        <EmptyState
          title={`There is no event type ${name}`}
          description="Check the name. What was registered a moment ago may take some seconds to appear."
        />
      );
    }
    return isDenied(error) ? (
      <Denied />
    ) : (
      error && (
        <ProblemPanel
          what="The event type could not be loaded."
          error={error}
          onRetry={reload}
        />
      )
    );
  }
  const { eventType, userRef } = value;
  if (!isOfPortal(eventType)) {
    return <DeclaredElsewhere eventType={eventType} />;
  }
  if (eventType.retiredAt) {
    return (
      <Alert
        status="warning"
        icon
        title="It is retired, and does not change any more"
        description="Gateways refuse its events. Its partitions stay as they are."
      />
    );
  }
  if (!permission.allowed) {
    return <Denied />;
  }
  return (
    <EditForm
      key={eventType.generation}
      api={api}
      userRef={userRef}
      eventType={eventType}
      href={href}
      onSaved={() => navigate(href)}
      onMoved={reload}
    />
  );
}

function Denied() {
  return (
    <DeniedState
      title="You may not change this event type"
      description="It is for the group that owns it, and for the platform team. Its page shows who owns it."
    />
  );
}
