import { useRouteRef } from '@backstage/frontend-plugin-api';
import { ButtonLink, Skeleton } from '@backstage/ui';
import {
  DeniedState,
  EmptyState,
  PageFrame,
  ProblemPanel,
  isDenied,
} from '@millrace/plugin-data-platform-react';
import { RiCheckDoubleLine } from '@remixicon/react';
import { rootRouteRef } from '../../routes';
import { describeRefused } from './describeRefused';
import { RefusedTables } from './RefusedTables';
import { useRefused } from './useRefused';

/** Which events were refused, of any type and of types nobody registered? */
export function RefusedPage() {
  const state = useRefused();
  const { value, error, isLoading, reload } = state;
  const overviewLink = useRouteRef(rootRouteRef);
  const denied = isDenied(error);
  return (
    <PageFrame
      title="Refused events"
      answer={value && describeRefused(value)}
      actions={
        overviewLink && (
          <ButtonLink href={overviewLink()} variant="tertiary">
            Delivery of all event types
          </ButtonLink>
        )
      }
    >
      {isLoading && <Skeleton width="100%" height={240} />}
      {denied && (
        <DeniedState
          title="You may not see the refused events of all types"
          description="They are for the platform team. Those of an event type you own are on the Delivery tab of its page."
        />
      )}
      {error && !denied && (
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
    </PageFrame>
  );
}
