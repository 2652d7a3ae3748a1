import { Alert, Flex, Skeleton, Text } from '@backstage/ui';
import {
  DeniedState,
  ProblemPanel,
  isDenied,
} from '@millrace/plugin-data-platform-react';
import type { RefusedEventSummary } from '@millrace/plugin-delivery-common';
import { EventText } from '../EventText';
import { useRefusedEvent } from './useRefused';

/** The content of a refused event, with the field it was refused for. */
export function RefusedEventText(props: {
  /** The event type; without one as the platform team sees it. */
  name?: string;
  event: RefusedEventSummary;
}) {
  const { name, event } = props;
  const { value, error, isLoading, reload } = useRefusedEvent(
    name,
    event.refusalId,
  );
  if (isDenied(error)) {
    return (
      <DeniedState
        title="You may not read this event"
        description="What events hold is for the owner of the event type and the platform team."
      />
    );
  }
  return (
    <Flex direction="column" gap="3">
      <Text as="p">{event.message}</Text>
      {event.truncated && (
        <Alert
          status="warning"
          icon
          title="Only the beginning of it was kept, because it is too long. It cannot be replayed: the producer has to send it again."
        />
      )}
      {isLoading && <Skeleton width="100%" height={160} />}
      {error && (
        <ProblemPanel
          what="The event could not be loaded."
          error={error}
          onRetry={reload}
        />
      )}
      {value && (
        <EventText
          label={`Event ${event.eventId ?? 'without an id'} as it came`}
          text={value.event}
          pointer={event.pointer}
        />
      )}
    </Flex>
  );
}
