import { useRouteRef } from '@backstage/frontend-plugin-api';
import { RequirePermission } from '@backstage/plugin-permission-react';
import { ButtonLink, Skeleton } from '@backstage/ui';
import {
  DeniedState,
  EmptyState,
  PageFrame,
  ProblemPanel,
} from '@millrace/plugin-data-platform-react';
import { refusedEventsReadPermission } from '@millrace/plugin-delivery-common';
import { RiCheckDoubleLine } from '@remixicon/react';
import type { ReactNode } from 'react';
import { rootRouteRef } from '../../routes';
import { describeRefused } from './describeRefused';
import { RefusedTables } from './RefusedTables';
import { useRefused } from './useRefused';

/** No data endpoint has this name: only an unconditional permission covers it. */
const ALL_DATA_ENDPOINTS = '*';

/** Which events were refused, of any type and of types nobody registered? */
export function RefusedPage() {
  return (
    <RequirePermission
      permission={refusedEventsReadPermission}
      resourceRef={ALL_DATA_ENDPOINTS}
      errorPage={
        <RefusedFrame>
          <DeniedState
            title="You may not see the refused events of all types"
            description="They are for the platform team. Those of an event type you own are on the Delivery tab of its page."
          />
        </RefusedFrame>
      }
    >
      <AllRefusedEvents />
    </RequirePermission>
  );
}

function RefusedFrame(props: { answer?: string; children: ReactNode }) {
  const overviewLink = useRouteRef(rootRouteRef);
  return (
    <PageFrame
      title="Refused events"
      answer={props.answer}
      actions={
        overviewLink && (
          <ButtonLink href={overviewLink()} variant="tertiary">
            Delivery of all event types
          </ButtonLink>
        )
      }
    >
      {props.children}
    </PageFrame>
  );
}

function AllRefusedEvents() {
  const state = useRefused();
  const { value, error, isLoading, reload } = state;
  return (
    <RefusedFrame answer={value && describeRefused(value)}>
      {isLoading && <Skeleton width="100%" height={240} />}
      {error && (
        <ProblemPanel
          what="The refused events could not be loaded."
          error={error}
          onRetry={reload}
        />
      )}
      {value?.items.length === 0 && (
        <EmptyState
          icon={<RiCheckDoubleLine size={32} />}
          title="Nothing was refused"
          description="Every event that is refused is kept and shown here within seconds, with a reason code and a pointer to the offending field."
        />
      )}
      <RefusedTables state={state} showsType />
    </RefusedFrame>
  );
}
