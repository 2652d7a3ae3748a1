import { RequirePermission } from '@backstage/plugin-permission-react';
import { Flex, Skeleton, Text } from '@backstage/ui';
import {
  DeniedState,
  ProblemPanel,
} from '@millrace/plugin-data-platform-react';
import { refusedEventsReadPermission } from '@millrace/plugin-delivery-common';
import { describeRefused } from './describeRefused';
import { RefusedTables } from './RefusedTables';
import { useRefused } from './useRefused';

/** The refused events of one type, as a part of its page. */
export function RefusedEvents(props: { name: string }) {
  const { name } = props;
  return (
    <section aria-label="Refused events">
      <Flex direction="column" gap="3">
        <Text as="h3" variant="title-x-small" weight="bold">
          Refused events
        </Text>
        <RequirePermission
          permission={refusedEventsReadPermission}
          resourceRef={name}
          errorPage={
            <DeniedState
              title="You may not see the refused events"
              description="How many there are is open to everybody; which ones is for the owner of the event type and the platform team."
            />
          }
        >
          <RefusedEventsOf name={name} />
        </RequirePermission>
      </Flex>
    </section>
  );
}

function RefusedEventsOf(props: { name: string }) {
  const state = useRefused(props.name);
  const { value, error, isLoading, reload } = state;
  return (
    <>
      {isLoading && <Skeleton width="100%" height={80} />}
      {error && (
        <ProblemPanel
          what="The refused events could not be loaded."
          error={error}
          onRetry={reload}
        />
      )}
      {value && <Text as="p">{describeRefused(value)}.</Text>}
      <RefusedTables state={state} showsType={false} />
    </>
  );
}
