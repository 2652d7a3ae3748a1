import { useRouteRef } from '@backstage/frontend-plugin-api';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { ButtonLink } from '@backstage/ui';
import { DeniedState, PageFrame } from '@millrace/plugin-data-platform-react';
import {
  eventTypeCreatePermission,
  eventTypeEntityRef,
} from '@millrace/plugin-event-types-common';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { rootRouteRef } from '../../routes';
import { WaitForEntity } from '../RegisterForm/WaitForEntity';
import { ImportDeclaration } from './ImportDeclaration';

/** Take an event type in from its declaration as code. */
export function ImportPage() {
  const listLink = useRouteRef(rootRouteRef);
  const entityLink = useEntityRefLink();
  const navigate = useNavigate();
  const [registered, setRegistered] = useState<string>();
  const { loading, allowed } = usePermission({
    permission: eventTypeCreatePermission,
  });
  const isDenied = !loading && !allowed;

  return (
    <PageFrame
      title="Import a declaration"
      answer={
        registered ? `${registered} is registered` : 'Import a declaration'
      }
      detail="For a declaration that is to live in the portal. One that stays in a repository is read from there by the catalog."
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
      {registered && <WaitForEntity name={registered} />}
      {!isDenied && !registered && (
        <ImportDeclaration
          heading="A declaration as code"
          onTakenIn={({ name }, isNew) => {
            if (isNew) {
              setRegistered(name);
            } else {
              navigate(entityLink(eventTypeEntityRef(name)));
            }
          }}
          onCancel={() => navigate(listLink?.() ?? '..')}
        />
      )}
    </PageFrame>
  );
}
