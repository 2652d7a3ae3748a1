import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Flex, Skeleton, Text } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import { testEventSendPermission } from '@millrace/plugin-delivery-common';
import { RiSendPlaneLine } from '@remixicon/react';
import { useEffect, useRef, useState } from 'react';
import { deliveryApiRef } from '../../api';
import { EarlierTestEvents } from './EarlierTestEvents';
import { TestEventForm } from './TestEventForm';
import { TestEventTrack } from './TestEventTrack';
import { useTestEvents } from './useTestEvents';

/**
 * Sends a test event and follows it into its partition. What was sent before is
 * told by the backend, so a page that is opened again goes on where it was.
 */
export function TestEvents(props: {
  name: string;
  entityHref: string;
  /** Data that fits the schema, as text; `undefined` while it is loading. */
  example: string | undefined;
}) {
  const { name, entityHref, example } = props;
  const api = useApi(deliveryApiRef);
  const { allowed, loading } = usePermission({
    permission: testEventSendPermission,
    resourceRef: name,
  });
  const { value, error, isLoading, reload } = useTestEvents(name, allowed);
  const [isWriting, setWriting] = useState(false);
  // What was sent from here, by its id: the backend does not keep it.
  const [written, setWritten] = useState<Record<string, string>>({});
  const [newest, ...earlier] = value ?? [];
  const openerRef = useRef<HTMLDivElement>(null);
  const isBackRef = useRef(false);

  useEffect(() => {
    // The form is gone: the focus goes back to where it was opened.
    if (!isWriting && isBackRef.current) {
      openerRef.current?.querySelector('button')?.focus();
    }
    isBackRef.current = isWriting;
  }, [isWriting]);

  if (loading || (allowed && isLoading)) {
    return <Skeleton width="100%" height={48} />;
  }
  if (!allowed) {
    return (
      <Text as="p" color="secondary">
        Test events from this page are for its owners and the platform team.
      </Text>
    );
  }
  return (
    <Flex direction="column" gap="4">
      {error && (
        <ProblemPanel
          what={
            value
              ? 'The test events could not be refreshed; this is what was known.'
              : 'The test events could not be loaded.'
          }
          error={error}
          onRetry={reload}
        />
      )}
      {isWriting && example !== undefined ? (
        <TestEventForm
          example={example}
          draft={
            newest?.state === 'refused'
              ? written[newest.testEventId]
              : undefined
          }
          onCancel={() => setWriting(false)}
          onSend={async data => {
            const { testEventId } = await api.sendTestEvent(name, { data });
            setWritten(current => ({ ...current, [testEventId]: data }));
            setWriting(false);
            reload();
          }}
        />
      ) : (
        <div ref={openerRef}>
          <Button
            variant={newest ? 'secondary' : 'primary'}
            iconStart={<RiSendPlaneLine />}
            isDisabled={example === undefined}
            onPress={() => setWriting(true)}
          >
            {newest ? 'Send another test event' : 'Send a test event'}
          </Button>
        </div>
      )}
      {newest && (
        <TestEventTrack
          key={newest.testEventId}
          event={newest}
          entityHref={entityHref}
          data={written[newest.testEventId]}
        />
      )}
      {earlier.length > 0 && (
        <EarlierTestEvents events={earlier} entityHref={entityHref} />
      )}
    </Flex>
  );
}
