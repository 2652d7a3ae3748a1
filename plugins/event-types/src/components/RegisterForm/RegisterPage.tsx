import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { ButtonLink } from '@backstage/ui';
import { DeniedState, PageFrame } from '@millrace/plugin-data-platform-react';
import {
  type EventType,
  eventTypeCreatePermission,
} from '@millrace/plugin-event-types-common';
import { useState } from 'react';
import { eventTypesApiRef } from '../../api';
import { rootRouteRef } from '../../routes';
import { RegisterForm } from './RegisterForm';
import { WaitForEntity } from './WaitForEntity';

/** Register an event type. */
export function RegisterPage() {
  const api = useApi(eventTypesApiRef);
  const listLink = useRouteRef(rootRouteRef);
  const [registered, setRegistered] = useState<EventType>();
  const { loading, allowed } = usePermission({
    permission: eventTypeCreatePermission,
  });
  const isDenied = !loading && !allowed;

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
      {isDenied && (
        <DeniedState
          title="You may not register event types"
          description="Ask the platform team, or a member of the group that shall own the event type."
        />
      )}
      {registered && <WaitForEntity name={registered.name} />}
      {!isDenied && !registered && (
        <RegisterForm api={api} onRegistered={setRegistered} />
      )}
    </PageFrame>
  );
}
